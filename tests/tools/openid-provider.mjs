// A real OpenID provider (oidc-provider) for the tests of signing in. It says where it is on the
// first line of its output, and ends when its input does. The tests tell it at POST /control:
//   { console }   where the console is, which its client's addresses are made of
//   { account }   who signs in from now on: sub, preferred_username, name, groups
//   { down }      whether it answers 503 to everybody
//   { bend }      how the next tokens are wrong: nonce, audience, issuer, expired, key, unsigned,
//                 secret; or `rotated`: they are right, and signed with a key that is new
//   { visit }     an address of its own: a person goes there, and it answers where they are sent
//   { ended }     somebody's `sub`: the console is told that they have signed out here
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import process from 'node:process';

// Whoever reads the first line reads no other: what the provider says of itself goes beside it.
console.info = console.warn;
console.log = console.warn;

const folder = pathToFileURL(`${process.argv[2]}/node_modules/`);
const { default: Provider } = await import(new URL('oidc-provider/lib/index.js', folder));
const jose = await import(new URL('jose/dist/webapi/index.js', folder));

const SECRET = process.argv[3];
const own = await jose.generateKeyPair('RS256', { extractable: true });
const other = await jose.generateKeyPair('RS256', { extractable: true });
const jwk = async (key, kid) => ({ ...(await jose.exportJWK(key)), kid, alg: 'RS256', use: 'sig' });
const jwks = { keys: [await jwk(own.privateKey, 'own')] };

let account = { sub: 'nobody' };
let bend = null;
let down = false;

const server = createServer(answer);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'budstikke',
    client_secret: SECRET,
    redirect_uris: ['http://127.0.0.1/log-ind/openid/svar'],
    post_logout_redirect_uris: ['http://127.0.0.1/log-ind'],
    backchannel_logout_uri: 'http://127.0.0.1/log-ud/openid',
    application_type: 'native',
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  jwks,
  // What it knows of somebody stands in the ID token.
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'] },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...account, sub }) }),
  pkce: { required: () => true },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  cookies: { keys: ['for tests only'] },
  // By itself it calls nobody on its own machine.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
});

provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/token' && ctx.body?.id_token && bend) {
    ctx.body = { ...ctx.body, id_token: await bent(ctx.body.id_token) };
  }
  if (ctx.path === '/jwks' && bend === 'rotated') {
    ctx.body = { keys: [...ctx.body.keys, await jwk(other.publicKey, 'other')] };
  }
});

async function bent(token) {
  const claims = jose.decodeJwt(token);
  const now = Math.floor(Date.now() / 1000);
  const wrong = {
    nonce: { nonce: 'another' },
    audience: { aud: 'another' },
    issuer: { iss: 'https://evil.example' },
    expired: { iat: now - 7200, exp: now - 3600 },
  };
  const said = { ...claims, ...wrong[bend] };
  if (bend === 'unsigned') {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none', typ: 'JWT' })}.${part(said)}.`;
  }
  if (bend === 'secret') {
    return new jose.SignJWT(said).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET));
  }
  const [key, kid] = bend === 'key' ? [other, 'own'] : bend === 'rotated' ? [other, 'other'] : [own, 'own'];
  return new jose.SignJWT(said).setProtectedHeader({ alg: 'RS256', kid }).sign(key.privateKey);
}

async function answer(request, response) {
  try {
    if (request.url === '/control') return await control(request, response);
    if (down) return response.writeHead(503).end();
    if (request.url.startsWith('/interaction/')) return await agree(request, response);
    return await provider.callback()(request, response);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    return response.writeHead(500).end();
  }
}

// Signs in whoever it is, and agrees to what is asked.
async function agree(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: account.sub } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

async function control(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const wanted = JSON.parse(text);
  let said = {};
  if (wanted.console) {
    const client = await provider.Client.find('budstikke');
    client.backchannelLogoutUri = `${wanted.console}/log-ud/openid`;
  }
  if ('account' in wanted) account = wanted.account;
  if ('bend' in wanted) bend = wanted.bend;
  if ('down' in wanted) down = wanted.down;
  if (wanted.visit) said = await visit(wanted.visit);
  if (wanted.ended) {
    const client = await provider.Client.find('budstikke');
    await client.backchannelLogout(wanted.ended, 'a session');
  }
  const body = JSON.stringify(said);
  const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, head).end(body);
}

// A browser without any session here: until it is sent elsewhere, or gets a page.
async function visit(address) {
  const cookies = new Map();
  for (let steps = 0; steps < 20; steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await fetch(address, { redirect: 'manual', headers: { cookie } });
    for (const set of page.headers.getSetCookie()) {
      const [name, value] = set.split(';')[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const to = page.headers.get('location');
    if (!to) return { status: page.status, page: await page.text() };
    address = new URL(to, address).href;
    if (!address.startsWith(issuer)) return { status: page.status, sent: address };
  }
  throw new Error('it goes round in circles');
}

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdout.write(`${issuer}\n`);
