"""Polynomials against NumPy and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Legendre
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error
from sklearn.preprocessing import PolynomialFeatures

from mnist_core.teaching.concepts import fitting

GRID = np.linspace(-1, 1, 41)


@settings(max_examples=15, deadline=None)
@given(st.integers(16, 200), st.floats(0, 0.6), st.integers(0, 9999), st.integers(0, 15))
def test_fits_are_those_of_numpy(points, noise, seed, degree):
    fits = fitting.fit(points, noise, seed)
    theirs = Legendre.fit(fits.x, fits.y, degree, domain=[-1, 1])
    expected = np.asarray(theirs.coef, np.float64)
    scale = max(1.0, np.abs(expected).max())
    ours = fits.coefficients[degree]
    np.testing.assert_allclose(ours[: degree + 1], expected, atol=1e-9 * scale)
    assert not ours[degree + 1 :].any()
    np.testing.assert_allclose(fits.curve(degree, GRID), theirs(GRID), atol=1e-8 * scale)
    error = root_mean_squared_error(fits.val_y, theirs(fits.val_x))
    assert fits.validation[degree] == pytest.approx(error, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("degree", [0, 1, 3, 6])
def test_fits_are_those_of_plain_powers_too(degree):
    fits = fitting.fit(40, 0.25, 1)
    powers = PolynomialFeatures(degree)
    model = LinearRegression(fit_intercept=False).fit(powers.fit_transform(fits.x[:, None]), fits.y)
    for x, y, error in (
        (fits.x, fits.y, fits.training),
        (fits.val_x, fits.val_y, fits.validation),
    ):
        theirs = root_mean_squared_error(y, model.predict(powers.transform(x[:, None])))
        assert error[degree] == pytest.approx(theirs)


def test_training_error_only_falls_but_validation_error_turns():
    fits = fitting.fit(16, 0.25, 0)
    assert (np.diff(fits.training) <= 1e-9).all()
    assert len(fits.training) == len(fits.validation) == 16
    assert fits.training[15] < 1e-6  # 16 weights pass through 16 points
    assert 0 < fits.best < 15
    assert fits.validation[15] > 2 * fits.validation[fits.best]


def test_points_are_spread_evenly_and_noise_has_its_size():
    fits = fitting.fit(5_000, 0.3, 2)
    assert np.floor((fits.x + 1) / 2 * 5_000).tolist() == list(range(5_000))
    ends = fits.val_x.min(), fits.val_x.max()
    assert ends == pytest.approx((-1, 1), abs=0.05)
    for x, y in ((fits.x, fits.y), (fits.val_x, fits.val_y)):
        noise = y - np.sin(np.pi * x)
        assert noise.std() == pytest.approx(0.3, rel=0.2)
        assert abs(noise.mean()) < 0.08


def test_without_noise_the_truth_is_found():
    fits = fitting.fit(100, 0, 0)
    np.testing.assert_allclose(fits.curve(15, GRID), np.sin(np.pi * GRID), atol=1e-6)
