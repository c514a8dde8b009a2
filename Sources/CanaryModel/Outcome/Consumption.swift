// SPDX-License-Identifier: Apache-2.0

/// What a build took of its upstreams, as its compilers and linkers recorded it.
package struct Consumption: Codable, Hashable, Sendable {
    /// What it took of one upstream.
    package struct Upstream: Codable, Hashable, Sendable {
        /// The upstream.
        package let project: String
        /// How many of its headers were read.
        package let headers: Int
        /// The names of its libraries that were linked, sorted; at most 50.
        package let libraries: [String]
        /// Whether its programs are named in what was to be run.
        package let hasPrograms: Bool
        /// Files with names of its headers and libraries that were taken from elsewhere, sorted; at most 20.
        package let elsewhere: [String]

        /// Makes what was taken; lists are cut to their bounds.
        package init(
            project: String, headers: Int, libraries: some Sequence<String>, hasPrograms: Bool,
            elsewhere: some Sequence<String>
        ) {
            self.project = project
            self.headers = headers
            self.libraries = Array(libraries.sorted().prefix(50))
            self.hasPrograms = hasPrograms
            self.elsewhere = Array(elsewhere.sorted().prefix(20))
        }

    }

    /// The upstreams, in the order of their names.
    package let upstreams: [Upstream]
    /// Whether compilers recorded what they read; if not, `headers` say nothing.
    package let hasHeaders: Bool
    /// Whether it is known what was linked; if not, `libraries` say nothing.
    package let hasLibraries: Bool

    /// The same with files from elsewhere as `name` calls them.
    package func naming(_ name: (String) -> String) -> Consumption {
        let upstreams = upstreams.map {
            Upstream(
                project: $0.project, headers: $0.headers, libraries: $0.libraries, hasPrograms: $0.hasPrograms,
                elsewhere: $0.elsewhere.map(name))
        }
        return Consumption(upstreams: upstreams, hasHeaders: hasHeaders, hasLibraries: hasLibraries)
    }

    /// Makes what was taken of all upstreams.
    package init(upstreams: [Upstream], hasHeaders: Bool, hasLibraries: Bool) {
        self.upstreams = upstreams
        self.hasHeaders = hasHeaders
        self.hasLibraries = hasLibraries
    }
}
