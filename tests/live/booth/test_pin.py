from __future__ import annotations

import pytest

from live.booth.pin import ATTEMPTS, Operators, PinError, TooManyAttemptsError, check_pin, generated_pin
from tests.live.fakes import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def operators(clock: Clock) -> Operators:
    return Operators("1234", 300, clock)


def fail(operators: Operators, times: int, address: str = "a") -> None:
    for _ in range(times):
        assert operators.log_in("0000", address) is None


def test_the_right_pin_opens_and_a_wrong_one_does_not(operators: Operators) -> None:
    assert operators.log_in("1235", "a") is None
    assert operators.log_in("", "a") is None
    secret = operators.log_in("1234", "a")
    assert secret is not None
    assert operators.knows(secret)
    assert not operators.knows("")
    assert not operators.knows("1234")


def test_a_login_ends_when_it_is_not_used(operators: Operators, clock: Clock) -> None:
    secret = operators.log_in("1234", "a") or ""
    clock.now += 299
    assert operators.knows(secret)
    clock.now += 299
    assert operators.knows(secret)
    clock.now += 300
    assert not operators.knows(secret)


def test_a_login_ends_at_once_when_it_is_locked(operators: Operators) -> None:
    secret = operators.log_in("1234", "a") or ""
    operators.log_out(secret)
    assert not operators.knows(secret)


def test_after_too_many_wrong_pins_even_the_right_one_waits(operators: Operators, clock: Clock) -> None:
    fail(operators, ATTEMPTS)
    with pytest.raises(TooManyAttemptsError, match="wait 30 seconds"):
        operators.log_in("1234", "a")
    clock.now += 30
    assert operators.log_in("1234", "a")
    fail(operators, ATTEMPTS)  # and counting begins anew


def test_each_further_wrong_pin_doubles_the_wait(operators: Operators, clock: Clock) -> None:
    fail(operators, ATTEMPTS)
    for expected_s in (30, 60, 120, 240):
        with pytest.raises(TooManyAttemptsError) as told:
            operators.log_in("0000", "a")
        assert told.value.wait_s == expected_s
        clock.now += expected_s
        fail(operators, 1)


def test_nobody_locks_out_another_address(operators: Operators) -> None:
    fail(operators, ATTEMPTS, "stranger")
    assert operators.log_in("1234", "operator")


def test_the_pin_is_not_kept_in_clear(operators: Operators) -> None:
    assert "1234" not in repr(vars(operators))


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "１２３４", "1234\n"])
def test_what_is_no_pin_is_refused_without_repeating_it(pin: str) -> None:
    with pytest.raises(PinError, match="4 to 12 digits") as told:
        check_pin(pin)
    assert not pin or pin not in str(told.value)


def test_generated_pins_are_pins_and_differ() -> None:
    pins = {generated_pin() for _ in range(50)}
    assert len(pins) > 45
    assert all(check_pin(pin) for pin in pins)
