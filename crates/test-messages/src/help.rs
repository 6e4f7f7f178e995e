//! The help of a program, as a terminal of 80 columns shows it.

use std::fmt::Write as _;

use clap::Command;

const COLUMNS: usize = 80;

/// The help of the program (its name is empty) and of each verb that `is_wanted`.
pub fn help(command: Command, is_wanted: impl Fn(&str) -> bool) -> String {
    let mut command = without_values(command).term_width(COLUMNS);
    command.build();
    let mut text = String::new();
    if is_wanted("") {
        write(&mut command, &mut text);
    }
    verbs(&mut command, &is_wanted, &mut text);
    text
}

/// What is set where the tests run is nobody's default.
fn without_values(command: Command) -> Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(without_values)
}

fn verbs(command: &mut Command, is_wanted: &impl Fn(&str) -> bool, text: &mut String) {
    for verb in command.get_subcommands_mut().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        if is_wanted(verb.get_name()) {
            write(verb, text);
        }
        verbs(verb, is_wanted, text);
    }
}

fn write(command: &mut Command, text: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let help = command.render_long_help().to_string();
    let lines = help.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let _ = writeln!(text, "$ {name} --help\n{lines}\n");
}
