//! placeholder
#[derive(Debug, clap::Args)]
pub struct Options {}
pub fn run(_o: &Options, _j: bool) -> anyhow::Result<()> {
    Ok(())
}
