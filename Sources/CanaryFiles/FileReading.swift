// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs tasks that read files for long, on threads of their own.
///
/// The threads of all other tasks are as many as the machine has cores: two attempts that are being hashed would leave
/// none to notice a deadline or Ctrl-C. They share them with the queues of Dispatch, so these are no way out. An attempt
/// has a handful of jobs, each of which reads for long: a thread for each costs nothing.
package final class FileReadingExecutor: TaskExecutor {
    /// The one that all share.
    package static let shared = FileReadingExecutor()

    /// Starts a thread for the job.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        Thread.detachNewThread { job.runSynchronously(on: executor) }
    }
}
