/** What a program is written with that a person starts, and that ends when it is done. */

/** Fields of a command's description that hold what it runs: cobra's, urfave's, and those of types like them. */
export const commandFields: ReadonlySet<string> = new Set(
  // https://pkg.go.dev/github.com/spf13/cobra#Command, https://pkg.go.dev/github.com/urfave/cli/v2#Command
  'Run RunE PreRun PreRunE PostRun PostRunE PersistentPreRun PersistentPreRunE Action Before After'.split(
    ' ',
  ),
);

/** Types of such descriptions, by the end of their name. */
export const commandTypes = /(^|\.)(\w*Command|App)$/;

/** Descriptions of which a process runs one, once: https://pkg.go.dev/github.com/spf13/cobra, https://pkg.go.dev/github.com/urfave/cli/v2 */
export const processCommands = /^github\.com\/(spf13\/cobra|urfave\/cli)(\/v\d+)?\.(Command|App)$/;

/** Go: what a parsed command line is compared with, a subcommand for each: https://pkg.go.dev/github.com/alecthomas/kingpin/v2#CmdClause.FullCommand */
export const parsedCommands = /^FullCommand$/;

/** Calls that listen, or wait for messages, by name. */
export const listening =
  /^(ListenAndServe\w*|Serve(TLS|Conn|HTTP)?|Listen(Packet|TCP|UDP|Unix)?|Accept(TCP|Unix|Stream)?|RunTLS|RunListener|ReceiveMessages?|Consume(Claim|Messages?)?|Subscribe|QueueSubscribe|PollFetches|FetchMessage|ReadMessage|serve(_\w+)?|accept(_\w+)?|incoming|launch|bind_rustls\w*|run_forever)$/;

/** Rust: the ends of the types through which a program listens, where a call binds one. */
export const listeningTypes = /(Listener|Server|HttpServer|Socket|Endpoint|Incoming)$/;

/** Methods that may serve, unless something in sight says what they are of. */
export const mayServe =
  /^(Start\w*|Run\w*|Serve|Launch|Loop|Forever|Receive|Notify|Until\w*|JitterUntil\w*|start|run|launch|serve)$/;

/** Go types whose `Run` and `Start` do not serve. */
export const startsElse = /^(os\/exec\.Cmd|time\.\w+|testing\.\w+|sync\.\w+)$/;

/** Names of programs that people type: the last parts of a folder or of a crate's name. */
export const commandLineNames =
  /(^|[-_/])(cmdline|admin|migrat(e|or|ions?)|kubectl[-_]\w+|[a-z0-9]*(ctl|cli))$/;

/** Folders of programs for those who work on the project. */
export const toolFolders = /(^|\/)(tools?|dev-?tools?|scripts|contrib|hack|build)\//;

/** Go: folders of programs that make load for others, or stand in for them while somebody develops. */
export const loadPrograms =
  /(^|[-_/])(dev-?(tools?|box)|debug-?(server|sink)|simulator|load-?(gen|test)\w*|stress|soak)([-_][\w-]+)?\//;

/** Rust: functions of such types that begin to listen. */
export const listeningCalls = /^(bind|listen|new_with_listener)$/;

/** Rust: attributes of an enum whose variants are the subcommands of a program: https://docs.rs/clap/latest/clap/trait.Subcommand.html */
export const subcommands = /\b(Subcommand|SubCommand|FromArgs|Bpaf)\b/;

/** Rust: an attribute of what a command line is read into; an enum then has the subcommands: https://docs.rs/clap/latest/clap/trait.Parser.html */
export const commandLines = /\bderive\b.*\bParser\b/;

/** Rust: methods that say which subcommand was typed: https://docs.rs/clap/latest/clap/struct.ArgMatches.html */
export const subcommandCalls = /^subcommand(_matches)?$/;

/** Rust: crates that show windows, in front of which one person sits: https://docs.rs/eframe, https://docs.rs/iced, https://docs.rs/slint, https://docs.rs/gtk4, https://docs.rs/tauri */
export const windowCrates =
  /^(eframe|egui\w*|iced\w*|slint|gtk4?|relm4?|druid|floem|fltk|tauri|dioxus_desktop|bevy\w*|winit)(::|$)/;
