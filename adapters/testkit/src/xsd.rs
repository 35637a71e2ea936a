//! MedCom's and VANS' public schemas as a judge of what we send, by way of `xmllint`. They lie in
//! the folder of samples, outside the project.

use std::fs;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The one schema that is not among them; it says no more than a date without a time zone.
const DATES: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    targetNamespace="http://rep.oio.dk/medcom.dk/xml/schemas/2016/09/23/"><xs:simpleType name="dateNoTZ">
    <xs:restriction base="xs:date"><xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}"/></xs:restriction>
    </xs:simpleType></xs:schema>"#;

/// The schemas, laid out so that they find one another.
#[derive(Debug)]
pub struct Schemas {
    folder: TempDir,
}

impl Schemas {
    /// The ones in a folder of samples.
    pub fn of(samples: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let dates = folder.path().join("2016/09/23");
        fs::create_dir_all(&dates)?;
        fs::write(dates.join("date_no_tz.xsd"), DATES)?;
        copy(&samples.join("xsd/medcom-2005-08-07"), &folder.path().join("2005/08/07"))?;
        fs::copy(samples.join("xsd/VANSEnvelope-1.0.4.xsd"), folder.path().join("vans.xsd"))?;
        Ok(Self { folder })
    }

    /// What is wrong with these `Emessage`s (XCTL02 and XCTL03), if anything is.
    pub fn faults_in_emessages(&self, documents: &[Vec<u8>]) -> Result<Option<String>> {
        faults(&self.folder.path().join("2005/08/07/EMessage.xsd"), documents)
    }

    /// What is wrong with these `VANSEnvelope`s, if anything is.
    pub fn faults_in_envelopes(&self, documents: &[Vec<u8>]) -> Result<Option<String>> {
        faults(&self.folder.path().join("vans.xsd"), documents)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// What `xmllint` says of these documents, where it does not find all of them valid.
fn faults(schema: &Path, documents: &[Vec<u8>]) -> Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for (n, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{n}.xml"));
        fs::write(&path, document)?;
        paths.push(path);
    }
    let output = Command::new("xmllint").args(["--nonet", "--noout", "--schema"]).arg(schema).args(paths).output();
    let output = output.map_err(|error| {
        Error::new(error.kind(), format!("xmllint must be installed (Debian: libxml2-utils): {error}"))
    })?;
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
}
