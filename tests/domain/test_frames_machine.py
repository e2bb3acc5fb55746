"""Frames against a model: whatever happens in whatever order, a page has what it was granted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from sanfang.platform.domain import desks, frames
from sanfang.platform.domain.desks import LIFE_MS
from sanfang.platform.domain.frames import Frame
from sanfang.platform.domain.refusals import Refusal

from .office import lasting

T = TypeVar("T")
RENEWED_MS = 10 * 60_000
MINUTE = 60_000
OWN = ("http://app.example:8000/a", "https://app.example/b?x=1#y")
FOREIGN = ("http://app.example/", "http://evil.example:8000/", "javascript:1", "")
NAMES = ("biz.contact.choose", "device.geolocation.get", "runtime.info", "no.such.thing")


CLIENTS = (("ios", "2.6.9"), ("ios", "8.3.20"), ("android", "2.6.9"), ("pc", "8.3.20"))


class DeskModel(NamedTuple):
    token: str
    used_at: int


@dataclass
class FrameModel:
    desk: str
    flavour: str
    version: str
    put_at: int
    page: int = 0
    granted: frozenset[str] = frozenset()
    closed: bool = False
    past: list[Frame] = field(default_factory=list)


def machine(runner: Any, office: Any) -> type[RuleBasedStateMachine]:
    core = office.core

    class Machine(RuleBasedStateMachine):
        tokens = Bundle("tokens")
        ids = Bundle("ids")
        seen = Bundle("seen")

        def __init__(self) -> None:
            super().__init__()
            self.desks: dict[str, DeskModel] = {}
            self.frames: dict[str, FrameModel] = {}

        def run(self, waiting: Any) -> Any:
            """Do it; None when it is refused as not there, the code for another refusal."""
            try:
                return runner.run(waiting)
            except Refusal as refusal:
                return None if refusal.code == 51003 else refusal.code

        def desk_lives(self, token: str) -> bool:
            """Whether a desk is open; looking is using it."""
            now, desk = core.clock.now(), self.desks.get(token)
            if desk is None or now >= desk.used_at + LIFE_MS:
                return False
            if now - desk.used_at >= RENEWED_MS:
                self.desks[token] = desk._replace(used_at=now)
            return True

        def there(self, frame_id: str) -> FrameModel | None:
            """The frame as far as it is still kept."""
            model = self.frames[frame_id]
            gone = model.closed or core.clock.now() >= model.put_at + LIFE_MS
            return None if gone else model

        def mine(self, token: str, frame_id: str) -> FrameModel | None:
            if not self.desk_lives(token):
                return None
            model = self.there(frame_id)
            return model if model is not None and model.desk == token else None

        @rule(target=tokens)
        def open_desk(self) -> str:
            token = str(runner.run(office.desk()))
            self.desks[token] = DeskModel(token, core.clock.now())
            return token

        @rule(token=tokens)
        def close_desk(self, token: str) -> None:
            runner.run(desks.close_desk(core, token))
            self.desks.pop(token, None)

        @rule(
            target=ids,
            token=tokens,
            client=st.sampled_from(CLIENTS),
        )
        def open_frame(self, token: str, client: tuple[Any, str]) -> str:
            flavour, version = client
            lives = self.desk_lives(token)
            if not lives:
                token = self.open_desk()
            frame, _ = runner.run(
                frames.open_frame(core, token, office.app.agent_id, flavour, client_version=version)
            )
            self.desk_lives(token)
            self.frames[frame.frame_id] = FrameModel(token, flavour, version, core.clock.now())
            return str(frame.frame_id)

        @rule(target=seen, token=tokens, frame_id=ids, url=st.sampled_from(OWN + FOREIGN))
        def new_page(self, token: str, frame_id: str, url: str) -> Any:
            return self.load(token, frame_id, url)

        @rule(target=seen, frame_id=ids, url=st.sampled_from(OWN))
        def own_page(self, frame_id: str, url: str) -> Any:
            return self.load(self.frames[frame_id].desk, frame_id, url)

        def load(self, token: str, frame_id: str, url: str) -> Any:
            model = self.mine(token, frame_id)
            got = self.run(frames.new_page(core, token, frame_id, url))
            if model is None:
                assert got is None
            elif url in FOREIGN:
                assert got == 50001
            else:
                model.page, model.granted = model.page + 1, frozenset()
                model.put_at = core.clock.now()
                assert (got.page, got.granted, got.config_done) == (model.page, frozenset(), False)
                return got
            return None

        @rule(frame=seen, names=st.lists(st.sampled_from(NAMES), max_size=3))
        def grant(self, frame: Frame | None, names: list[str]) -> None:
            """Grant to a page, which may have been left long ago."""
            self.give(frame, names)

        def give(self, frame: Frame | None, names: list[str]) -> None:
            if frame is None:
                return
            model = self.there(frame.frame_id)
            got = self.run(frames.set_granted(core, frame, names))
            if model is None:
                assert got is None
                return
            if model.page == frame.page:
                model.granted, model.put_at = frozenset(names), core.clock.now()
            assert (got.page, got.granted) == (model.page, model.granted)

        @rule(frame_id=ids, name=st.sampled_from(NAMES))
        def a_page_is_loaded_and_granted(self, frame_id: str, name: str) -> None:
            self.give(self.load(self.frames[frame_id].desk, frame_id, OWN[0]), [name])

        @rule(token=tokens, frame_id=ids, page=st.integers(0, 3))
        def hash_changes(self, token: str, frame_id: str, page: int) -> None:
            self.hash_of(token, frame_id, page)

        @rule(frame_id=ids)
        def hash_of_this_page(self, frame_id: str) -> None:
            model = self.frames[frame_id]
            self.hash_of(model.desk, frame_id, model.page)

        def hash_of(self, token: str, frame_id: str, page: int) -> None:
            model = self.mine(token, frame_id)
            got = self.run(frames.hash_changed(core, token, frame_id, page))
            if model is None:
                assert got is None
                return
            old = model.flavour == "ios" and model.version.startswith("2.6")
            if old and model.page == page and model.granted:
                model.granted, model.put_at = frozenset(), core.clock.now()
            assert got.granted == model.granted

        @rule(token=tokens, frame_id=ids)
        def close_frame(self, token: str, frame_id: str) -> None:
            runner.run(frames.close_frame(core, token, frame_id))
            if self.frames[frame_id].desk == token:
                self.frames[frame_id].closed = True

        @rule(minutes=st.sampled_from([1, 9, 11, 300, 719, 720, 721]))
        def time_passes(self, minutes: int) -> None:
            core.clock.travel(minutes * MINUTE)

        @invariant()
        def every_frame_is_as_it_should_be(self) -> None:
            for frame_id in self.frames:
                for token in [*self.desks][-3:]:
                    model = self.mine(token, frame_id)
                    got = self.run(frames.get_frame(core, token, frame_id))
                    if model is None:
                        assert got is None
                        continue
                    assert (got.page, got.granted) == (model.page, model.granted)
                    for name in NAMES[:2]:
                        assert got.allows(name) == (name in model.granted)
                    assert got.allows("runtime.info") or "runtime.info" not in model.granted

    return Machine


def test_frames_do_what_the_model_does() -> None:
    with lasting() as (runner, office):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            machine(runner, office),
            settings=settings(max_examples=40, stateful_step_count=25, deadline=None),
        )
