// SPDX-License-Identifier: Apache-2.0

/// The page that says why a request was not answered.
package struct ProblemView: Sendable {
    let frame: Frame
    let status: Int
    let text: String

    /// Draws it.
    ///
    /// - Parameters:
    ///   - depth: how many slashes the requested path has behind its first one; of hostile paths the server gives 0.
    ///   - status: the HTTP status.
    ///   - text: one sentence for people.
    package init(_ context: PageContext, depth: Int, status: Int, text: String) {
        frame = Frame(context, links: Links(context.site, depth: min(8, max(0, depth))), title: "\(status)")
        self.status = status
        self.text = HTMLText.clipped(text, to: 400)
    }
}
