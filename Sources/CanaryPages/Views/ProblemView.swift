// SPDX-License-Identifier: Apache-2.0

/// The page of a failed request.
package struct ProblemView: Sendable {
    let frame: Frame
    let status: Int
    let text: String

    /// Creates the view.
    ///
    /// - Parameters:
    ///   - depth: the number of slashes in the requested path after the first one.
    ///   - status: the HTTP status.
    ///   - text: one sentence for people.
    package init(_ context: PageContext, depth: Int, status: Int, text: String) {
        frame = Frame(context, links: Links(context.site, depth: min(8, max(0, depth))), title: "\(status)")
        self.status = status
        self.text = HTMLText.clipped(text, to: 400)
    }
}
