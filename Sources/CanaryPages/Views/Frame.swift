// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
package import CanaryModel
import CanaryText
package import Foundation

/// What every page needs: the stack, where it is published, and when history last changed.
package struct PageContext: Sendable {
    /// The stack.
    package let stack: Stack
    /// Where the pages are published.
    package let site: Site
    /// When history last changed; nil if it is empty.
    package let changedAt: Date?
    /// The latest start of the next run; nil without a schedule.
    package let nextRunBy: Date?

    /// Creates a context.
    package init(stack: Stack, site: Site, changedAt: Date?, nextRunBy: Date?) {
        self.stack = stack
        self.site = site
        self.changedAt = changedAt
        self.nextRunBy = nextRunBy
    }

    /// The forge of `project`; nil when it is not known.
    func forge(of project: String) -> ForgeLink? { stack.repository(of: project).flatMap { ForgeLink($0) } }

    /// A commit of `project`.
    func commit(_ revision: String, of project: String) -> CommitLink { CommitLink(revision, on: forge(of: project)) }

    /// Whether the manifest puts `project` on hold.
    func isHeld(_ project: String) -> Bool {
        stack.graph[project]?.hold?.holds(at: changedAt ?? .distantPast) ?? false
    }
}

/// The part of every page around its body.
struct Frame: Sendable {
    let root: String
    let home: String
    let stack: String
    let isLive: Bool
    /// The title of the window.
    let title: String
    /// The favicon.
    let icon: String
    let changedAt: DisplayedTime?
    let nextRunBy: DisplayedTime?

    init(_ context: PageContext, links: Links, title: String, shape: Shape = .unknown) {
        root = links.root
        home = links.home
        stack = context.stack.title
        isLive = context.site == .server
        self.title = HTMLText.clipped(title, to: 120)
        icon = shape.favicon
        changedAt = context.changedAt.map(DisplayedTime.init)
        nextRunBy = context.nextRunBy.map(DisplayedTime.init)
    }
}

extension Shape {
    /// The outline and a colour that stands out on light and dark, for a `data:` address.
    fileprivate var favicon: String {
        let (path, colour) =
            switch self {
            case .broken: ("M5 1h6l4 4v6l-4 4h-6l-4-4v-6z", "d9482f")
            case .suspected: ("M8 1l7.5 14h-15z", "d99a1c")
            case .lost: ("M8 0l8 8-8 8-8-8z", "8e6fd0")
            case .unknown, .expected: ("M4 4h8v8h-8z", "8a949e")
            case .passing: ("M0 8a8 8 0 1 0 16 0a8 8 0 1 0-16 0z", "1f9d73")
            }
        return "%3Cpath fill='%23\(colour)' d='\(path)'/%3E"
    }
}

/// A link with a text; without an address if the site has no such page.
struct Link: Hashable, Sendable {
    let text: String
    let href: String?
}
