// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The root of all verbs.
struct CanaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Builds projects top of tree against top of tree, and says who broke what.",
        discussion: """
            Reads the manifests of a stack (`--stack`), resolves the heads of all branches, builds what changed against \
            what it depends on, remembers every result (`--state`), and says which job broke, since when, and why each \
            build was made or not.

            Begin with `canary check`, then `canary plan`, then `canary run`.

            \(ExitCode.table)
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Look before:",
                subcommands: [
                    CheckCommand.self, GraphCommand.self, PlanCommand.self, ImagesCommand.self, ReplayCommand.self,
                ]),
            CommandGroup(
                name: "Build:",
                subcommands: [
                    RunCommand.self, TryCommand.self, BisectCommand.self, ServeCommand.self, CancelCommand.self,
                ]),
            CommandGroup(
                name: "Look after:",
                subcommands: [
                    StatusCommand.self, HistoryCommand.self, ShowCommand.self, LogCommand.self, ReproduceCommand.self,
                    LockCommand.self, FeedCommand.self,
                ]),
            CommandGroup(
                name: "Decide:",
                subcommands: [
                    AckCommand.self, MuteCommand.self,
                ]),
            CommandGroup(
                name: "Keep the house:",
                subcommands: [GcCommand.self, BackupCommand.self, RestoreCommand.self, DoctorCommand.self]),
        ])
}
