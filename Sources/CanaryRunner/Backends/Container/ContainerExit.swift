// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Subprocess

/// What the end of an engine's `run` means.
///
/// Its status may be the engine's own, its init's, or our driver's.
struct ContainerExit: Hashable, Sendable {
    /// The driver's own status when it has no use of the attempt's folders.
    static let driverFailed: Int32 = 99

    let status: TerminationStatus

    init(_ status: TerminationStatus) { self.status = status }

    /// Whether the engine has removed the container itself.
    var isRegular: Bool {
        switch status {
        case .exited(let code): !(125...127).contains(code)
        case .signaled: false
        }
    }

    /// Whether somebody ended the container from outside.
    var isKill: Bool { status == .exited(137) || status == .exited(143) }

    /// Why nothing started; `words` is what the engine said.
    ///
    /// An engine says 125 when it refuses and 126 when its runtime does; what else comes before the driver's first
    /// word is the end of an init that found nothing to start.
    func failure(of image: String, _ words: some Collection<UInt8>) -> RunnerFailure {
        let said = ContainerEngine.lastWords(words)
        switch status {
        case .exited(125), .exited(126), .exited(Self.driverFailed), .signaled:
            return ContainerEngine.failure("the engine could not start a container (\(status)): \(said)")
        case .exited:
            return ContainerEngine.failure(
                "nothing can be started in the image `\(image)`: \(said)", .environmentImage,
                hint: "an image needs `/bin/sh` and `setsid`")
        }
    }
}
