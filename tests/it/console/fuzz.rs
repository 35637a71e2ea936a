//! Every call that the API's document describes, with what schemathesis makes of it: nothing breaks
//! the hub, and no answer is one that the document does not know.

use std::process::{Output, Stdio};

use tokio::process::Command;

use super::Hub;
use crate::post::{Post, XML, letters};
use crate::provider::tools;

/// What is looked at of each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
     response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,\
     allow_header_conformance,ignored_auth";

/// All that a system may be.
const ALL: [&str; 7] = [
    "operator",
    "caseworker:dragoer/genoptraening",
    "caseworker:taarnby/genoptraening",
    "postmaster",
    "leader:dragoer",
    "auditor",
    "sender:events",
];

/// Has it call everything with a token; `most` calls of each kind that are made up.
async fn called(hub: &Hub, token: &str, most: &str) -> Output {
    let program = tools().join("schemathesis/bin/schemathesis");
    assert!(program.is_file(), "install it first: deploy/setup --test");
    let console = hub.running.ready["console"].as_str().expect("an address");
    let folder = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(program);
    command
        .args(["run", &format!("{console}/api/v1/openapi.json"), "--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", most, "--seed", "1"])
        // It shall look at all calls, however busy the machine is.
        .args(["--request-timeout", "60", "--suppress-health-check", "all", "--warnings", "off", "--no-color"])
        .args(["--continue-on-failure", "--no-shrink"])
        .env("NO_PROXY", "*")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let limit = std::time::Duration::from_mins(8);
    tokio::time::timeout(limit, command.output()).await.expect("it ends in time").expect("it runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_called_breaks_it_or_is_answered_as_nobody_said() {
    let hub = Hub::new().await;
    let post = Post::at(hub.vhost.address()).await;
    for letter in letters('A', 2) {
        post.send("rehab-plan", XML, &letter).await;
    }
    post.send("rehab-plan", XML, b"<no plan").await;
    for (name, roles, most) in [("alt", &ALL[..], "12"), ("lidt", &["auditor"], "3")] {
        let token = hub.token(name, roles).await;
        let output = called(&hub, &token, most).await;
        let said = String::from_utf8_lossy(&output.stdout);
        println!("{name}:\n{said}");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("No issues found"), "{name}: it has looked");
    }
    let log = hub.program.log();
    assert!(!log.contains("panicked"), "{log}");
    hub.running.stop().await;
    hub.program.proof().await;
}
