// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The `canary` command, which only holds the verbs.
struct CanaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Builds a family of projects head against head and finds what broke them.",
        discussion: """
            Reads the manifests of a stack (`--stack`), resolves all branch heads, builds what changed against what it \
            depends on, stores every result (`--state`), and reports which job broke, since when, and why each build was \
            or was not made.

            Start with `canary check`, then `canary plan`, then `canary run`.

            \(ExitCode.table)
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Inspect and plan:",
                subcommands: [
                    CheckCommand.self, GraphCommand.self, PlanCommand.self, ImagesCommand.self, ReplayCommand.self,
                ]),
            CommandGroup(
                name: "Build and search:",
                subcommands: [
                    RunCommand.self, TryCommand.self, BisectCommand.self, ServeCommand.self, CancelCommand.self,
                ]),
            CommandGroup(
                name: "Results:",
                subcommands: [
                    StatusCommand.self, HistoryCommand.self, ShowCommand.self, LogCommand.self, ReproduceCommand.self,
                    LockCommand.self, FeedCommand.self,
                ]),
            CommandGroup(
                name: "Decisions:",
                subcommands: [
                    AckCommand.self, MuteCommand.self,
                ]),
            CommandGroup(
                name: "Maintenance:",
                subcommands: [GcCommand.self, BackupCommand.self, RestoreCommand.self, DoctorCommand.self]),
        ])
}
