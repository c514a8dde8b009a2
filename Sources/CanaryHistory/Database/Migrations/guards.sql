CREATE TRIGGER runs_only_end BEFORE UPDATE ON runs
WHEN OLD.state <> 'running' OR NEW.seq <> OLD.seq OR NEW.id <> OLD.id OR NEW.trigger <> OLD.trigger
    OR NEW.judged <> OLD.judged OR NEW.started_at <> OLD.started_at
BEGIN SELECT RAISE(ABORT, 'a run only ends, once'); END;

CREATE TRIGGER attempts_only_end BEFORE UPDATE ON attempts
WHEN OLD.state IN ('finished', 'interrupted') OR NEW.seq <> OLD.seq OR NEW.id <> OLD.id
    OR NEW.build <> OLD.build OR NEW.run <> OLD.run OR NEW.purpose <> OLD.purpose
    OR NEW.started_at <> OLD.started_at OR (OLD.state = 'running' AND NEW.state = 'queued')
BEGIN SELECT RAISE(ABORT, 'an attempt only ends, once'); END;

CREATE TRIGGER builds_only_become_whole BEFORE UPDATE ON builds
WHEN NEW.id <> OLD.id OR NEW.key <> OLD.key OR NEW.format <> OLD.format OR NEW.project <> OLD.project
    OR NEW.source <> OLD.source OR NEW.recipe <> OLD.recipe OR NEW.environment <> OLD.environment
    OR NEW.variant <> OLD.variant OR NEW.partial > OLD.partial
BEGIN SELECT RAISE(ABORT, 'a build never changes'); END;

CREATE TRIGGER prefixes_only_go BEFORE UPDATE ON prefixes
WHEN OLD.removed_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.build <> OLD.build OR NEW.tree <> OLD.tree
    OR NEW.files <> OLD.files OR NEW.bytes <> OLD.bytes OR NEW.created_at <> OLD.created_at
BEGIN SELECT RAISE(ABORT, 'a prefix is only removed, once'); END;

CREATE TRIGGER episodes_only_close BEFORE UPDATE ON episodes
WHEN OLD.closed_at IS NOT NULL OR NEW.seq <> OLD.seq OR NEW.id <> OLD.id OR NEW.project <> OLD.project
    OR NEW.variant <> OLD.variant OR NEW.lane <> OLD.lane OR NEW.opened_at <> OLD.opened_at
    OR NEW.opened_by <> OLD.opened_by
BEGIN SELECT RAISE(ABORT, 'an episode only closes, once'); END;

CREATE TRIGGER sources_stay BEFORE UPDATE ON sources BEGIN SELECT RAISE(ABORT, 'a source never changes'); END;
CREATE TRIGGER stages_stay BEFORE UPDATE ON stages BEGIN SELECT RAISE(ABORT, 'a stage never changes'); END;
CREATE TRIGGER transitions_stay BEFORE UPDATE ON transitions
BEGIN SELECT RAISE(ABORT, 'a transition never changes'); END;

CREATE TRIGGER run_jobs_come_while_running BEFORE INSERT ON run_jobs
WHEN (SELECT state FROM runs WHERE seq = NEW.run) <> 'running'
BEGIN SELECT RAISE(ABORT, 'the run has ended'); END;
CREATE TRIGGER run_jobs_change_while_running BEFORE UPDATE ON run_jobs
WHEN (SELECT state FROM runs WHERE seq = OLD.run) <> 'running' OR NEW.id <> OLD.id OR NEW.run <> OLD.run
    OR NEW.project <> OLD.project OR NEW.variant <> OLD.variant OR NEW.lane <> OLD.lane
BEGIN SELECT RAISE(ABORT, 'the run has ended'); END;

CREATE TRIGGER runs_stay BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER builds_stay BEFORE DELETE ON builds BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER stages_are_kept BEFORE DELETE ON stages BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER prefixes_stay BEFORE DELETE ON prefixes BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER run_jobs_stay BEFORE DELETE ON run_jobs BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER transitions_are_kept BEFORE DELETE ON transitions BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER episodes_stay BEFORE DELETE ON episodes BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
