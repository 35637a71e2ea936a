//! One letter: a GGOP, or a correspondence that carries a plan.

mod write;

/// The format of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// MedCom GGOP 1.0.
    Ggop,
    /// XDIS91 (`XD9134L`).
    Correspondence,
}

/// What a letter says about the discharge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discharge {
    /// Nothing.
    Unsaid,
    /// An expected date and time.
    Expected(String, String),
    /// An actual date and time.
    Actual(String, String),
    /// Words in place of a date.
    Text(String),
}

/// One letter. Every setter replaces what the letter would have said otherwise.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) format: Format,
    pub(super) id: String,
    pub(super) sender: String,
    receiver: String,
    identifier_code: String,
    municipality: String,
    citizen: (&'static str, String),
    given: String,
    family: String,
    of_type: String,
    authorised: (String, String),
    contact_start: String,
    discharge: Discharge,
    deadline: String,
    episode: Option<String>,
    corrected: bool,
    diagnosis: (String, String),
}

impl Plan {
    /// A GGOP with the letter id `id`.
    pub fn ggop(id: impl Into<String>) -> Self {
        Self {
            format: Format::Ggop,
            id: id.into(),
            sender: "5790000000012".to_owned(),
            receiver: "5790000000029".to_owned(),
            identifier_code: "kommunenummer".to_owned(),
            municipality: "155".to_owned(),
            citizen: ("CivilRegistrationNumber", "2512489996".to_owned()),
            given: "Nancy Ann Test".to_owned(),
            family: "Berggren".to_owned(),
            of_type: "almen".to_owned(),
            authorised: ("2026-11-20".to_owned(), "10:15".to_owned()),
            contact_start: "2026-11-16".to_owned(),
            discharge: Discharge::Expected("2026-11-21".to_owned(), "11:00".to_owned()),
            deadline: "Hurtigst muligt efter udskrivelsen".to_owned(),
            episode: None,
            corrected: false,
            diagnosis: ("DS720".to_owned(), "Brud på lårbenshals".to_owned()),
        }
    }

    /// A correspondence with the letter id `id`.
    pub fn correspondence(id: impl Into<String>) -> Self {
        Self { format: Format::Correspondence, ..Self::ggop(id) }
    }

    /// The sender's location number.
    #[must_use]
    pub fn sender(mut self, gln: impl Into<String>) -> Self {
        self.sender = gln.into();
        self
    }

    /// The receiver's location number.
    #[must_use]
    pub fn receiver(mut self, gln: impl Into<String>) -> Self {
        self.receiver = gln.into();
        self
    }

    /// The receiver's municipality.
    #[must_use]
    pub fn municipality(mut self, code: impl Into<String>) -> Self {
        self.municipality = code.into();
        self
    }

    /// What kind of number the receiver is named by, in place of `kommunenummer`.
    #[must_use]
    pub fn receiver_named_by(mut self, identifier_code: impl Into<String>) -> Self {
        self.identifier_code = identifier_code.into();
        self
    }

    /// The citizen's CPR number. Only numbers made for tests.
    #[must_use]
    pub fn cpr(mut self, cpr: impl Into<String>) -> Self {
        self.citizen = ("CivilRegistrationNumber", cpr.into());
        self
    }

    /// A number that the hospital made up, in place of a CPR number.
    #[must_use]
    pub fn replacement_id(mut self, id: impl Into<String>) -> Self {
        self.citizen = ("AlternativeIdentifier", id.into());
        self
    }

    /// The citizen's names.
    #[must_use]
    pub fn name(mut self, given: impl Into<String>, family: impl Into<String>) -> Self {
        self.given = given.into();
        self.family = family.into();
        self
    }

    /// `almen`, `specialiseret` or `rehabilitering`; the statistical code follows.
    #[must_use]
    pub fn plan_type(mut self, plan_type: impl Into<String>) -> Self {
        self.of_type = plan_type.into();
        self
    }

    /// When the letter was signed: `2026-11-20` and `10:15`, on a Danish clock.
    #[must_use]
    pub fn authorised(mut self, date: impl Into<String>, time: impl Into<String>) -> Self {
        self.authorised = (date.into(), time.into());
        self
    }

    /// When the contact with the hospital began.
    #[must_use]
    pub fn contact_start(mut self, date: impl Into<String>) -> Self {
        self.contact_start = date.into();
        self
    }

    /// When the citizen leaves the hospital.
    #[must_use]
    pub fn discharge(mut self, discharge: Discharge) -> Self {
        self.discharge = discharge;
        self
    }

    /// By when training should start, in the hospital's words.
    #[must_use]
    pub fn deadline(mut self, text: impl Into<String>) -> Self {
        self.deadline = text.into();
        self
    }

    /// The episode-of-care id.
    #[must_use]
    pub fn episode(mut self, id: impl Into<String>) -> Self {
        self.episode = Some(id.into());
        self
    }

    /// Whether it corrects an earlier letter (`rettetbrev`), which only a correspondence can say.
    #[must_use]
    pub fn corrected(mut self, corrected: bool) -> Self {
        self.corrected = corrected;
        self
    }

    /// The diagnosis: code and text.
    #[must_use]
    pub fn diagnosis(mut self, code: impl Into<String>, text: impl Into<String>) -> Self {
        self.diagnosis = (code.into(), text.into());
        self
    }
}
