// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import Foundation

/// What CMake, compilers and linkers recorded about the upstreams that a build consumed.
package struct BuildTrace: Sendable {
    /// What was looked for.
    let offers: UpstreamOffers
    /// The contents of its `CMakeCache.txt` files, the outermost first.
    var caches: [[UInt8]] = []
    /// The files that compilers read and that may be headers of upstreams, by their paths as the stages saw them.
    var read: Set<String> = []
    /// The libraries of linked files that have names of libraries of upstreams, as the stages saw them.
    var linked: Set<LinkCommand.Library> = []
    /// The folders in which compilers look for headers, as far as commands tell.
    var includeFolders: Set<String> = []
    /// The upstreams whose programs are named in what is to be run.
    var run: Set<String> = []
    /// Whether compilers recorded what they read.
    var hasHeaders = false
    /// Whether these records hold headers of the system: some leave them out, and what is found like those.
    var hasSystemHeaders = false
    /// How many files were compiled, and of how many it is recorded what they read.
    var objects = (made: 0, recorded: 0)
    /// Whether there are commands of linkers.
    var hasLibraries = false

    /// A trace in which nothing was recorded.
    init(of offers: UpstreamOffers) { self.offers = offers }

    /// Reads what is in the folder `root`, which the stages saw as `seen`.
    ///
    /// What cannot be read, and what lies deeper than builds of builds do, is left out.
    ///
    /// - Throws: `ReadingInterrupted` when the task is cancelled.
    package init(of root: String, seen: String, offers: UpstreamOffers) throws(ReadingInterrupted) {
        self.init(of: offers)
        try add(root, seen: seen)
    }

    /// Adds what is in another folder and was written after `start`; see `init(of:seen:offers:)`.
    package mutating func add(_ root: String, seen: String, since start: Date = .distantPast) throws(ReadingInterrupted)
    {
        var reader = TraceReader(root: root, seen: seen, trace: self)
        for (folder, name) in try TraceFiles.find(in: root)
        where start == .distantPast || InspectedFile.isNewer("\(root)\(folder)/\(name)", than: start) {
            try reader.read(name, in: folder)
        }
        self = reader.trace
    }

    /// Whether every header that was read is known, as far as that can be seen.
    var isWhole: Bool { hasHeaders && hasSystemHeaders && objects.made <= objects.recorded }

    /// Whether nothing was recorded.
    package var isEmpty: Bool { caches.isEmpty && !hasHeaders && !hasLibraries }

    /// For each search for a library: the files that it may be, in the linker's order.
    package var searches: [[String]] { linked.map(\.candidates).filter { !$0.isEmpty } }
}
