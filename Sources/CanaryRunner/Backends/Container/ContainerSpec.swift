// SPDX-License-Identifier: Apache-2.0

/// The container that an order runs in: a value, without paths of this host.
package struct ContainerSpec: Hashable, Codable, Sendable {
    /// The image: a reference by digest, or an image id.
    ///
    /// It must have the order's environment as one of its digests.
    package let image: String
    /// Variables added to the image's own.
    package let variables: [String: String]
    /// Globs of the image's own files to hide, relative to its `ASWF_INSTALL_PREFIX`, else to `/usr/local`.
    package let hidden: [String]
    /// How compilers use the compiler cache of project and variant, if the image has ccache.
    package let compilerCache: CompilerCache
    /// Processors it may use; nil for all.
    package let cpus: Int?

    /// How a build uses the compiler cache.
    package enum CompilerCache: String, Codable, Sendable {
        /// Not at all.
        case unused
        /// It takes what is there, where the engine can; what it leaves is discarded: for builds of what is not on a
        /// branch head.
        case borrowed
        /// It takes and leaves.
        case shared
    }

    /// Describes a container.
    package init(
        image: String, variables: [String: String] = [:], hidden: [String] = [], compilerCache: CompilerCache = .unused,
        cpus: Int? = nil
    ) {
        self.image = image
        self.variables = variables
        self.hidden = hidden
        self.compilerCache = compilerCache
        self.cpus = cpus
    }
}
