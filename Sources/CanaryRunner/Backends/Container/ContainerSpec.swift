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
    /// Whether compilers use the compiler cache of project and variant, if the image has ccache.
    package let cachesCompiler: Bool
    /// Processors it may use; nil for all.
    package let cpus: Int?

    /// Describes a container.
    package init(
        image: String, variables: [String: String] = [:], hidden: [String] = [], cachesCompiler: Bool = false,
        cpus: Int? = nil
    ) {
        self.image = image
        self.variables = variables
        self.hidden = hidden
        self.cachesCompiler = cachesCompiler
        self.cpus = cpus
    }
}
