//! The provider: what it says of itself, and what it says of somebody who came back from it. The
//! only code that touches `openidconnect`. Nothing of what the provider answers is logged: the
//! library's errors quote it.

use std::str::FromStr;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, AsyncHttpClient, AuthType, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken, DiscoveryError, EmptyExtraTokenFields,
    EndSessionUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdToken, IdTokenClaims,
    IdTokenFields, IdTokenVerifier, IssuerUrl, JsonWebTokenType, LogoutRequest, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::{Mutex, Semaphore};

use super::Settings;
use super::attempt::Attempt;
use super::person::Said;
use crate::clock::Clock;
use crate::web::{Endpoint, Fault, Unusable};

/// How long what the provider says of itself is good.
const GOOD: SignedDuration = SignedDuration::from_mins(5);

/// How long it is left alone when it did not answer, or after its keys were looked at anew.
const REST: SignedDuration = SignedDuration::from_secs(5);

/// How many ask it at once, and how long another one waits for a turn.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer of it that is read.
const ANSWER: usize = 512 * 1024;

/// Why somebody does not come in by the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It does not answer, or not so that it can be used.
    Down,
    /// Too many ask at once.
    Busy,
    /// What came back is not what was asked for.
    Untrusted(&'static str),
}

/// What the library does not know of a provider's description.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct More {
    end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 9207: each answer says whose it is.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

/// All claims that are none of the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rest {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Rest {}

type Described = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Fields = IdTokenFields<
    Rest,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Tokens = StandardTokenResponse<Fields, CoreTokenType>;

type Ours = Client<
    Rest,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type Claims = IdTokenClaims<Rest, CoreGenderClaim>;
type Signed = IdToken<Rest, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// The provider.
#[derive(Debug)]
pub struct Provider {
    pub(super) settings: Settings,
    clock: Clock,
    http: Http,
    known: Mutex<Option<Known>>,
    turns: Semaphore,
}

/// Our own way to it, as the library wants to have one.
#[derive(Debug)]
struct Http(Endpoint);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Fault;
    type Future = BoxFuture<'c, Result<HttpResponse, Fault>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.exchange(request, ANSWER))
    }
}

/// What is known of it, and since when; nothing where it did not answer.
#[derive(Debug, Clone)]
struct Known {
    at: Timestamp,
    described: Option<Box<Described>>,
}

impl Provider {
    /// Nothing is asked yet; the files are read.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn open(settings: Settings, clock: Clock) -> Result<Self, Unusable> {
        secret(&settings)?;
        let endpoint = Endpoint::open(settings.web.clone(), clock.clone())?;
        Ok(Self { settings, clock, http: Http(endpoint), known: Mutex::default(), turns: Semaphore::new(AT_ONCE) })
    }

    /// What it says of itself. Whoever comes while it is asked waits for that one answer; where it
    /// does not answer, that is known for a while.
    async fn described(&self, not_before: Option<Timestamp>) -> Result<Box<Described>, Trouble> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some(Known { at, described }) = &*known {
            let age = now.duration_since(*at);
            let life = if described.is_some() && not_before.is_none_or(|least| least < *at) { GOOD } else { REST };
            if age < life {
                return described.clone().ok_or(Trouble::Down);
            }
        }
        let asked = self.discover().await;
        *known = Some(Known { at: self.clock.now(), described: asked.clone() });
        asked.ok_or(Trouble::Down)
    }

    async fn discover(&self) -> Option<Box<Described>> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).ok()?;
        match Described::discover_async(issuer, &self.http).await {
            Ok(described) => Some(Box::new(described)),
            Err(error) => {
                tracing::error!(why = why(&error), "the OpenID provider cannot be used");
                None
            }
        }
    }

    fn client(&self, described: &Described, back: String) -> Result<Ours, Trouble> {
        let secret = secret(&self.settings).map_err(|_unread| Trouble::Down)?;
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(secret.expose_secret().to_owned());
        let ways = described.token_endpoint_auth_methods_supported();
        let takes = |way| ways.is_none_or(|ways| ways.contains(&way));
        let by_post = !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost);
        let back = RedirectUrl::new(back).map_err(|_quotes| Trouble::Untrusted("our own address"))?;
        let client = Ours::from_provider_metadata(described.clone(), id, Some(secret)).set_redirect_uri(back);
        Ok(if by_post { client.set_auth_type(AuthType::RequestBody) } else { client })
    }

    /// Where the browser goes to.
    pub(super) async fn way_there(&self, attempt: &Attempt, back: String) -> Result<String, Trouble> {
        let described = self.described(None).await?;
        let client = self.client(&described, back)?;
        let (state, nonce) = (CsrfToken::new(attempt.state()), Nonce::new(attempt.nonce()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(attempt.verifier()));
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let asked = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(scopes)
            .set_pkce_challenge(challenge);
        Ok(asked.url().0.into())
    }

    /// Whether an answer is this provider's, as far as it says (RFC 9207): one of another provider's
    /// must not bring its code here.
    pub(super) async fn is_its_own(&self, issuer: Option<&str>) -> Result<(), Trouble> {
        let described = self.described(None).await?;
        let must = described.additional_metadata().authorization_response_iss_parameter_supported;
        let is_own = issuer.map_or(!must, |said| said == self.settings.issuer);
        if is_own { Ok(()) } else { Err(Trouble::Untrusted("another issuer's answer")) }
    }

    /// Who came back with this code.
    pub(super) async fn came_back(&self, attempt: &Attempt, back: String, code: String) -> Result<Said, Trouble> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(Trouble::Busy) };
        let described = self.described(None).await?;
        let client = self.client(&described, back)?;
        let asked = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_unset| Trouble::Down)?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier()))
            .request_async(&self.http)
            .await;
        let tokens: Tokens = asked.map_err(|error| match error {
            RequestTokenError::Request(_) => Trouble::Down,
            RequestTokenError::ServerResponse(_) => Trouble::Untrusted("the code is refused"),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Trouble::Untrusted("no token came"),
        })?;
        let token = tokens.id_token().ok_or(Trouble::Untrusted("no token came"))?;
        let claims = self.verified(token, described, &Kind::SignIn(attempt.nonce())).await?;
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        Ok(Said {
            subject: claims.subject().to_string(),
            username: claims.preferred_username().map(|name| name.to_string()),
            name,
            rest: claims.additional_claims().all.clone(),
        })
    }

    /// Whose sessions the provider says have ended, and when it said so (OpenID Connect Back-Channel
    /// Logout 1.0).
    pub(super) async fn ended(&self, token: &str) -> Result<(String, Timestamp), Trouble> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let unreadable = Trouble::Untrusted("no token came");
        let token = Signed::from_str(token).map_err(|_quotes| unreadable)?;
        let described = self.described(None).await?;
        let claims = self.verified(&token, described, &Kind::LogOut).await?;
        if claims.additional_claims().all.get("events").and_then(|events| events.get(EVENT)).is_none() {
            return Err(Trouble::Untrusted("the token is for something else"));
        }
        let said = Timestamp::from_second(claims.issue_time().timestamp()).map_err(|_range| unreadable)?;
        Ok((claims.subject().to_string(), said))
    }

    /// What a token says, where it is the provider's, for us, and good now. Where its key is not
    /// known the provider may have a new one.
    async fn verified(&self, token: &Signed, described: Box<Described>, kind: &Kind) -> Result<Claims, Trouble> {
        use SignatureVerificationError::NoMatchingKey;
        let mut checked = self.check(token, &described, kind);
        if let Err(ClaimsVerificationError::SignatureVerification(NoMatchingKey)) = &checked {
            let fresh = self.described(Some(self.clock.now())).await?;
            checked = self.check(token, &fresh, kind);
        }
        checked.map_err(|error| Trouble::Untrusted(wrong(&error)))
    }

    fn check(&self, token: &Signed, from: &Described, kind: &Kind) -> Result<Claims, ClaimsVerificationError> {
        let id = ClientId::new(self.settings.client_id.clone());
        let verifier =
            IdTokenVerifier::new_public_client(id, from.issuer().clone(), from.jwks().clone()).set_allowed_algs(SIGNED);
        match kind {
            Kind::SignIn(nonce) => token.claims(&verifier, &Nonce::new(nonce.clone())).cloned(),
            Kind::LogOut => {
                let types = ["JWT", "logout+jwt"].map(|name| JsonWebTokenType::new(name.to_owned()));
                let verifier = verifier.set_allowed_jose_types(types.iter().filter_map(|it| it.normalize().ok()));
                let none = |nonce: Option<&Nonce>| nonce.map_or(Ok(()), |_| Err("there is a nonce".to_owned()));
                token.claims(&verifier, none).cloned()
            }
        }
    }

    /// Where the browser goes to sign out there too. Nobody is asked for it.
    pub(super) fn way_out(&self, back: String) -> Option<String> {
        let known = self.known.try_lock().ok()?;
        let ends = known.as_ref()?.described.as_ref()?.additional_metadata().end_session_endpoint.clone()?;
        let back = PostLogoutRedirectUrl::new(back).ok()?;
        let asked = LogoutRequest::from(ends).set_client_id(ClientId::new(self.settings.client_id.clone()));
        Some(asked.set_post_logout_redirect_uri(back).http_get_url().into())
    }
}

/// What a token is for.
enum Kind {
    /// It says who somebody is, with what we gave the attempt.
    SignIn(String),
    /// It says that somebody has signed out.
    LogOut,
}

/// How a token may be signed: by a key that only the provider has.
const SIGNED: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Our secret, read each time: it may be renewed.
fn secret(settings: &Settings) -> Result<SecretString, Unusable> {
    let path = &settings.secret_file;
    let text = std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.map(Into::into).ok_or_else(|| Unusable::File { setting: "client_secret_file", path: path.clone() })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a list of what is told apart; the library adds to its own")]
fn why(error: &DiscoveryError<Fault>) -> String {
    match error {
        DiscoveryError::Request(fault) => fault.to_string(),
        DiscoveryError::Response(status, ..) => format!("it answers {}", status.as_u16()),
        DiscoveryError::Validation(_) => "it says that it is another issuer than `console.openid.issuer`".to_owned(),
        _ => "its description cannot be read".to_owned(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a list of what is told apart; the library adds to its own")]
fn wrong(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "the token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the token is for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "the token is another issuer's",
        ClaimsVerificationError::InvalidNonce(_) => "the token is for another attempt",
        ClaimsVerificationError::SignatureVerification(_) => "the token is not signed by it",
        _ => "the token is of another kind",
    }
}
