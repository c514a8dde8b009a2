// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryModel
import CanaryText
import Foundation

extension Lane {
    /// The lane called `name`.
    init(requested name: String) throws(EngineError) {
        guard let lane = Lane(rawValue: name) else {
            throw EngineError(.badRequest, "there is no lane `\(name)`", hint: "head, release or platform")
        }
        self = lane
    }
}

extension TryRequest {
    /// The keys of `kind: try`; only trusted requests choose jobs, and name repositories and revisions.
    init(_ fields: inout RequestFields, isTrusted: Bool) throws {
        self.init(changes: try fields.map("changes"))
        guard isTrusted else { return }
        variants = try fields.list("variants")
        let named = try fields.list("lanes").map(Lane.init(requested:))
        if !named.isEmpty { lanes = named }
        overrides.sources = try fields.map("sources")
        overrides.revisions = try fields.map("revisions")
    }

    var object: [String: Any] {
        [
            "changes": changes, "variants": variants, "lanes": lanes.map(\.rawValue), "sources": overrides.sources,
            "revisions": overrides.revisions,
        ]
    }
}

extension UpstreamRequest {
    /// The keys of `kind: bisect`; only trusted requests choose how it is searched, and name repositories.
    init(_ fields: inout RequestFields, isTrusted: Bool) throws {
        self.init(downstream: try fields.requiredText("downstream"))
        upstream = try fields.text("upstream")
        good = try fields.text("good")
        bad = try fields.text("bad")
        test = try fields.text("test")
        variant = try fields.text("variant")
        if let name = try fields.text("lane") { lane = try Lane(requested: name) }
        guard isTrusted else { return }
        overrides.sources = try fields.map("sources")
        overrides.revisions = try fields.map("revisions")
        choices = try SearchChoices(&fields)
    }

    var object: [String: Any] {
        let names = ["upstream": upstream, "good": good, "bad": bad, "test": test, "variant": variant]
            .compactMapValues(\.self)
        return choices.object.merging(names) { $1 }.merging([
            "downstream": downstream, "lane": lane.rawValue, "sources": overrides.sources,
            "revisions": overrides.revisions,
        ]) { $1 }
    }
}

extension SearchChoices {
    fileprivate init(_ fields: inout RequestFields) throws {
        self.init()
        if let jobs = try fields.number("jobs") { self.jobs = max(1, Int(jobs)) }
        budget = try fields.number("budget").map { Int($0) }
        confidence = try fields.number("confidence") ?? confidence
        flakeRate = try fields.number("flakeRate")
        missRate = try fields.number("missRate")
        isUniform = try fields.flag("uniformPrior")
        if let text = try fields.text("controlWait") {
            guard let wait = TimeSpan(text) else {
                throw EngineError(.badRequest, "`controlWait` is not a duration", hint: "such as `30m`")
            }
            controlWait = wait
        }
        confirms = try fields.flag("confirm")
        fresh = try fields.flag("fresh")
    }

    fileprivate var object: [String: Any] {
        let numbers: [String: Double?] = [
            "budget": budget.map(Double.init), "flakeRate": flakeRate, "missRate": missRate,
        ]
        var object = numbers.compactMapValues(\.self).merging([
            "jobs": jobs, "confidence": confidence, "uniformPrior": isUniform, "confirm": confirms, "fresh": fresh,
        ]) { $1 }
        object["controlWait"] = controlWait?.description
        return object
    }
}
