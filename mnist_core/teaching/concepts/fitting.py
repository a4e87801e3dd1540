"""Polynomials fitted to noisy points: too stiff, right, too flexible. NumPy alone."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

DEGREES = 16
"""Degrees 0 to 15."""
LEAST_POINTS = DEGREES
"""With fewer points than coefficients the best fit would not be the only one."""
VALIDATION = 200
"""Points held out, enough that their error is nearly the true one."""


@dataclass(frozen=True, eq=False)
class Fits:
    """Noisy points in [-1, 1], and the best polynomial of each degree through them.

    x, y: (n,) float64, the training points, by ascending x; val_x, val_y: (200,), held out.
    coefficients: (16, 16), in row d the weights of the Legendre polynomials P_0 to P_d, then zeros.
    training, validation: (16,), the root of the mean squared error of each degree.
    """

    x: np.ndarray
    y: np.ndarray
    val_x: np.ndarray
    val_y: np.ndarray
    coefficients: np.ndarray
    training: np.ndarray
    validation: np.ndarray

    @property
    def best(self) -> int:
        """The degree with the lowest validation error; of equal ones the lowest degree."""
        return int(self.validation.argmin())

    def curve(self, degree: int, at: np.ndarray) -> np.ndarray:
        """Return the values of the fitted polynomial. at: (m,) in [-1, 1]; returns (m,) float64."""
        return legendre.legval(at, self.coefficients[degree])


def truth(x: np.ndarray) -> np.ndarray:
    """The smooth curve under the noise, one whole wave: sin(pi x), of the shape of x."""
    return np.sin(np.pi * x)


def fit(points: int, noise: float, seed: int) -> Fits:
    """Draw points of the curve with Gaussian noise, and fit polynomials by least squares.

    Each of n equal strips has one training point, at a random place. points: at least 16; noise:
    its standard deviation, from 0 on. Powers of x are so alike in [-1, 1] that their weights would
    be ill determined; Legendre's polynomials are orthogonal there, span the same curves, and fit
    them just as well.
    """
    rng = np.random.default_rng(seed)
    x = -1 + 2 * (np.arange(points) + rng.uniform(size=points)) / points  # no wide gaps by chance
    val_x = rng.uniform(-1, 1, VALIDATION)
    y, val_y = (truth(at) + noise * rng.standard_normal(len(at)) for at in (x, val_x))
    columns, val_columns = (legendre.legvander(at, DEGREES - 1) for at in (x, val_x))
    coefficients = np.zeros((DEGREES, DEGREES))
    for used in range(1, DEGREES + 1):  # a polynomial of degree d has d + 1 coefficients
        solved = np.linalg.lstsq(columns[:, :used], y, rcond=None)[0]
        coefficients[used - 1, :used] = solved
    return Fits(
        x,
        y,
        val_x,
        val_y,
        coefficients,
        _errors(columns @ coefficients.T, y),
        _errors(val_columns @ coefficients.T, val_y),
    )


def _errors(fitted: np.ndarray, y: np.ndarray) -> np.ndarray:
    """fitted: (n, 16); y: (n,); returns (16,)."""
    return np.sqrt(((fitted - y[:, None]) ** 2).mean(axis=0))
