// SPDX-License-Identifier: Apache-2.0

/// Records runs, builds, attempts and verdicts: what only the holder of a state folder may do.
///
/// Each call is one transaction.
package struct Recorder: Sendable {
    let access: WriteAccess

    /// Records searches.
    package var searches: SearchRecorder { SearchRecorder(access: access) }
    /// Records what was removed from the state folder.
    package var retention: RetentionRecorder { RetentionRecorder(access: access) }
}
