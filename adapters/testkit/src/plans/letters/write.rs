//! A letter as XML.

use super::{Discharge, Format, Plan};
use crate::plans::markup::{element, escaped, field};

impl Plan {
    fn statistical_code(&self) -> &'static str {
        match self.of_type.as_str() {
            "specialiseret" => "GGOP2",
            "rehabilitering" => "GGOP3",
            _ => "GGOP1",
        }
    }

    /// Writes the letter; `filler` is put where a hospital writes most.
    pub(in crate::plans) fn write(&self, out: &mut String, filler: &str) {
        match self.format {
            Format::Ggop => self.write_ggop(out, filler),
            Format::Correspondence => self.write_correspondence(out, filler),
        }
    }

    fn write_ggop(&self, out: &mut String, filler: &str) {
        element(out, "RehabilitationPlan", |out| {
            element(out, "Letter", |out| self.write_letter(out, "GGOP100", "GGOP", None));
            self.write_correspondents(out);
            element(out, "Patient", |out| self.write_patient(out));
            field(out, "TypeOfRehabilitationPlan", &self.of_type);
            field(out, "InformationForPatientAndRelatives", "Borgeren er orienteret om planen.");
            field(out, "ConsentInformed", "ja");
            field(out, "RehabilitationDeadline", &self.deadline);
            element(out, "CurrentHospitalContact", |out| self.write_contact(out));
            field(out, "m:PatientHealthSummary", filler);
            field(out, "AbilityAtDischargeSummary", "Går kortere ture med rollator.");
            field(out, "RehabilitationNeedAndPotential", "Genoptræning af styrke og balance.");
            element(out, "ICD10Diagnoses", |out| {
                element(out, "ICD10Diagnose", |out| {
                    element(out, "PrimaryDiagnosis", |out| {
                        field(out, "Code", &self.diagnosis.0);
                        field(out, "TypeCode", "ICD10kode");
                        field(out, "Text", &self.diagnosis.1);
                    });
                });
            });
            element(out, "ContactCounty", |out| {
                field(out, "m:DepartmentName", "Region Test");
                field(out, "m:TelephoneSubscriberIdentifier", "38660000");
            });
        });
    }

    fn write_correspondence(&self, out: &mut String, filler: &str) {
        let status = if self.corrected { "rettetbrev" } else { "nytbrev" };
        element(out, "ClinicalEmail", |out| {
            element(out, "Letter", |out| self.write_letter(out, "XD9134L", "XDIS91", Some(status)));
            self.write_correspondents(out);
            element(out, "Patient", |out| {
                self.write_patient(out);
                field(out, "EpisodeOfCareStatusCode", "inaktiv");
            });
            element(out, "AdditionalInformation", |out| {
                field(out, "Priority", "rutine");
                field(out, "Subject", &["Genoptræningsplan (", &self.of_type, ")"].concat());
            });
            element(out, "ClinicalInformation", |out| {
                element(out, "Text01", |out| self.write_text(out, filler));
            });
        });
    }

    /// The text, under the headings of MedCom's own conversion.
    fn write_text(&self, out: &mut String, filler: &str) {
        let mut line = |text: &str| {
            out.push_str(&escaped(text));
            out.push_str("<Break/>");
        };
        line("Tidsfrist for start af genoptræning");
        line(&self.deadline);
        line("");
        line("Aktuel sygehuskontakt");
        line(&["Start: ", &self.contact_start, " Kl. 08:00"].concat());
        match &self.discharge {
            Discharge::Unsaid => {}
            Discharge::Expected(date, time) | Discharge::Actual(date, time) => {
                line(&["Forventet Afslutning: ", date, " Kl. ", time].concat());
            }
            Discharge::Text(text) => line(&["Forventet Afslutning: ", text].concat()),
        }
        line("");
        line("Diagnoser");
        line(&[&self.diagnosis.1, " (", &self.diagnosis.0, ")"].concat());
        line("");
        line("Patientens genoptræningsbehov og potentiale");
        line(filler);
    }

    fn write_letter(&self, out: &mut String, version: &str, type_code: &str, status: Option<&str>) {
        let prefix = self.prefix();
        field(out, "Identifier", &self.id);
        field(out, "VersionCode", version);
        field(out, "StatisticalCode", self.statistical_code());
        element(out, "Authorisation", |out| {
            field(out, &[prefix, "Date"].concat(), &self.authorised.0);
            field(out, &[prefix, "Time"].concat(), &self.authorised.1);
        });
        field(out, "TypeCode", type_code);
        if let Some(status) = status {
            field(out, "StatusCode", status);
        }
        if let Some(episode) = &self.episode {
            field(out, "EpisodeOfCareIdentifier", episode);
        }
    }

    /// What the elements of GGOP's older namespace begin with.
    fn prefix(&self) -> &'static str {
        match self.format {
            Format::Ggop => "m:",
            Format::Correspondence => "",
        }
    }

    fn write_correspondents(&self, out: &mut String) {
        let own = |name| [self.prefix(), name].concat();
        element(out, "Sender", |out| {
            field(out, &own("EANIdentifier"), &self.sender);
            field(out, &own("Identifier"), "1301999");
            field(out, "IdentifierCode", "sygehusafdelingsnummer");
            field(out, &own("OrganisationName"), "Prøvesygehuset");
            field(out, &own("DepartmentName"), "Ortopædkirurgi");
        });
        element(out, "Receiver", |out| {
            field(out, &own("EANIdentifier"), &self.receiver);
            field(out, &own("Identifier"), &self.municipality);
            field(out, "IdentifierCode", &self.identifier_code);
            field(out, &own("OrganisationName"), "Prøve Kommune");
        });
    }

    fn write_patient(&self, out: &mut String) {
        let own = |name| [self.prefix(), name].concat();
        field(out, &own(self.citizen.0), &self.citizen.1);
        field(out, &own("PersonSurnameName"), &self.family);
        field(out, &own("PersonGivenName"), &self.given);
    }

    fn write_contact(&self, out: &mut String) {
        let moment = |out: &mut String, name: &str, date: &str, time: &str| {
            element(out, name, |out| {
                field(out, "Date", date);
                field(out, "Time", time);
            });
        };
        moment(out, "Start", &self.contact_start, "08:00");
        match &self.discharge {
            Discharge::Unsaid => {}
            Discharge::Expected(date, time) => moment(out, "ExpectedEnd", date, time),
            Discharge::Actual(date, time) => moment(out, "End", date, time),
            Discharge::Text(text) => field(out, "ExpectedEndText", text),
        }
    }
}
