//! adapter: a program for the build machine. Writes the adapter from WASI preview 1 to WASI 0.2.12,
//! for a command or for a reactor, to a file. The linker's own adapter gives 0.2.6; a guest built
//! with this one imports other versions of the same interfaces.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (adapter, file) = match arguments.as_slice() {
        [kind, file] if kind == "command" => (WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER, file),
        [kind, file] if kind == "reactor" => (WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER, file),
        _ => panic!("usage: adapter command|reactor FILE"),
    };
    std::fs::write(file, adapter)
}
