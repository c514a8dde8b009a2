// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc

/// SIGINT and SIGTERM as calls: the handler only writes a byte, so that nothing unsafe happens in it, and it is
/// not inherited by programs we start.
enum Signals {
    private static let pipeEnds: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }()

    /// Calls `handler` for each SIGINT and SIGTERM from now on; keep the returned source for as long as it should do so.
    static func onInterrupt(_ handler: @escaping @Sendable () -> Void) -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: pipeEnds.read, queue: .global())
        source.setEventHandler {
            var byte: UInt8 = 0
            while read(pipeEnds.read, &byte, 1) == 1 { handler() }
        }
        source.resume()
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                var byte: UInt8 = 1
                _ = write(Signals.pipeEnds.write, &byte, 1)
            }
        }
        return source
    }
}
