// SPDX-License-Identifier: Apache-2.0

import Mustache

// Values that occur hundreds of times on a page are looked up by name: reflection costs a hundred times more. A missing
// value is `false`: nil would be looked up in the surrounding values.

extension MatrixRow: MustacheParent {
    func child(named key: String) -> Any? {
        switch key {
        case "name": name
        case "title": title ?? false
        case "isFine": isFine
        case "cells": cells
        default: nil
        }
    }
}

extension DisplayedTime: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "iso": iso
        case "text": text
        default: nil
        }
    }
}

extension Link: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "text": text
        case "href": href ?? false
        default: nil
        }
    }
}

extension CommitLink: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "short": short
        case "url": url ?? false
        default: nil
        }
    }
}

extension LastKnownGoodCard.ProjectRevision: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "project": project
        case "commit": commit
        default: nil
        }
    }
}

extension IndexView.EdgeLine: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "project": project
        case "upstreams": upstreams
        default: nil
        }
    }
}

extension Change: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "what": what
        case "from": from
        case "to": to
        case "compare": compare ?? false
        default: nil
        }
    }
}

extension ErrorNote: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "location": location.map(HTMLText.path) ?? false
        case "text": text
        default: nil
        }
    }
}

extension EpisodeCard: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "shape": shape
        case "icon": icon
        case "word": word
        case "labels": labels
        case "job": job
        case "others": others
        case "hasOthers": hasOthers
        case "anchor": anchor
        case "since": since ?? false
        case "hasCulprits": hasCulprits
        case "culprits": culprits
        case "changes": changes
        case "moreChanges": moreChanges ?? false
        case "error": error ?? false
        case "sameError": sameError
        case "moreSameError": moreSameError ?? false
        case "waitsFor": waitsFor ?? false
        case "pagesAt": pagesAt ?? false
        case "search": search ?? false
        case "progress": progress ?? false
        case "notices": notices
        default: nil
        }
    }
}
