// SPDX-License-Identifier: Apache-2.0

/// The paths of an attempt as its stages see them, on this host or in a container.
package struct AttemptPaths: Hashable, Sendable {
    /// The checkout, for `CANARY_SOURCE`.
    package let source: String
    /// Where stages run, for `CANARY_BUILD`.
    package let build: String
    /// Where the project is installed, for `CANARY_PREFIX`.
    package let prefix: String
    /// The private `HOME`.
    package let home: String
    /// The private `TMPDIR`.
    package let temporary: String
    /// The prefix of each built upstream, by project; other upstreams are not available.
    package let upstreamPrefix: [String: String]

    /// Makes the paths of an attempt.
    package init(
        source: String, build: String, prefix: String, home: String, temporary: String,
        upstreamPrefix: [String: String]
    ) {
        self.source = source
        self.build = build
        self.prefix = prefix
        self.home = home
        self.temporary = temporary
        self.upstreamPrefix = upstreamPrefix
    }
}
