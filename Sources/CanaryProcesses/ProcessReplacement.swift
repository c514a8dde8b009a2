// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Command {
    /// Replaces this process by the program, which keeps the terminal, this process's variables and its directory.
    ///
    /// - Returns: only if that fails: the error number.
    package func replaceThisProcess() -> Int32 {
        // Our threads block signals, and the program would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        execv(executable, &words)
        return errno
    }
}
