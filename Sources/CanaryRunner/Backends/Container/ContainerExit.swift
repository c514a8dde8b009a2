// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What the end of an engine's `run` means.
///
/// Its status may be the engine's own, its init's, or our driver's.
struct ContainerExit: Hashable, Sendable {
    /// The driver's own status when it has no use of the attempt's folders; `entrypoint.sh` repeats it.
    static let driverFailed: Int = 99

    let status: ExitStatus

    init(_ status: ExitStatus) { self.status = status }

    /// Whether the engine has removed the container itself.
    var isRegular: Bool {
        switch status {
        case .code(let code): !(125...127).contains(code)
        case .signal: false
        }
    }

    /// The failure if nothing started; `words` is the output of the engine.
    ///
    /// An engine says 125 when it refuses and 126 when its runtime does; what else comes before the driver's first
    /// word is the end of an init that found nothing to start.
    func failure(of image: String, _ words: some Collection<UInt8>) -> RunnerFailure {
        let output = ContainerEngine.lastWords(words)
        switch status {
        case .code(125), .code(126), .code(Self.driverFailed), .signal:
            return ContainerEngine.failure("the engine could not start a container (\(status)): \(output)")
        case .code:
            return ContainerEngine.failure(
                "nothing can be started in the image `\(image)`: \(output)", .environmentImage,
                hint: "an image needs `/bin/sh`, `cp` and `setsid`")
        }
    }
}
