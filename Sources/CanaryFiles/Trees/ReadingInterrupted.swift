// SPDX-License-Identifier: Apache-2.0

/// The reading of what a build left behind ended early: its task was cancelled, by the attempt's deadline or by a stop.
package struct ReadingInterrupted: Error, Hashable {
    /// The file or folder that was being read.
    package let path: String

    /// Throws if the task was cancelled.
    ///
    /// It is called in every loop whose length a build decides, so that reading ends soon whatever the build left.
    package static func check(_ path: @autoclosure () -> String) throws(ReadingInterrupted) {
        if Task.isCancelled { throw ReadingInterrupted(path: path()) }
    }
}

/// What a build installed is beyond a bound, or left so that nobody can read it: the build fails, not this machine.
package struct InstalledTreeProblem: Error, Hashable, CustomStringConvertible {
    /// One sentence without a final stop.
    package let description: String

    /// Makes a problem of a sentence.
    package init(description: String) { self.description = description }
}
