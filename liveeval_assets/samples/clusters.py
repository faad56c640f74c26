"""Spherical k-means: centroids that never move once they are named."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

_STARTS = 10
_SEED = 20_240_613  # any number; fixed, so that a fit depends on its data alone
_ROUNDS = 50
_PRIOR = 100  # items: weight of the pooled quantile in a cluster's radius
_QUANTILE = 0.99
_MIN_SILHOUETTE = 0.15


def spherical_kmeans(vectors: np.ndarray, k: int) -> np.ndarray:
    """Unit centroids, float32, shape (k, dimensions), larger clusters first.

    Euclidean k-means on unit vectors starts it, rounds with normalised centroids (Dhillon & Modha 2001) end it. One
    thread: sums over threads differ in their last bits from run to run.
    """
    from sklearn.cluster import KMeans

    with threadpool_limits(1):
        fitted = KMeans(k, n_init=_STARTS, random_state=_SEED).fit(vectors)
        centroids = _unit(fitted.cluster_centers_)
        labels = (vectors @ centroids.T).argmax(1)
        for _ in range(_ROUNDS):
            sums = np.stack([vectors[labels == j].sum(0) if (labels == j).any() else centroids[j] for j in range(len(centroids))])
            centroids = _unit(sums)
            moved = (vectors @ centroids.T).argmax(1)
            if (moved == labels).all():
                break
            labels = moved
    sizes = np.bincount(labels, minlength=len(centroids))
    order = np.lexsort((np.arange(len(centroids)), -sizes))
    return centroids[order].astype(np.float32)


def nearest(vectors: np.ndarray, centroids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index of the nearest centroid and the cosine distance to it, for each row."""
    distances = 1 - vectors.astype(np.float64) @ centroids.astype(np.float64).T
    index = distances.argmin(1)
    return index, distances[np.arange(len(vectors)), index]


def held_out_distances(vectors: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """Cosine distance of each row to the centroid that its cluster would have without it.

    A centroid leans towards the rows that made it; new rows are farther, and radii must be right for new rows.
    """
    wide = vectors.astype(np.float64)
    sums = np.stack([wide[labels == j].sum(0) for j in range(k)])
    rest = _unit(sums[labels] - wide)
    return np.clip(1 - np.einsum("ij,ij->i", wide, rest), 0, 2)


def radii(labels: np.ndarray, distances: np.ndarray, k: int) -> np.ndarray:
    """The 99th percentile of distance per cluster, drawn towards the pooled one where a cluster is small.

    A plain quantile of 30 items is their maximum, and the maximum is noise. Distances are pooled after division by the
    median of their cluster.
    """
    medians = np.array([np.median(distances[labels == j]) if (labels == j).any() else np.nan for j in range(k)])
    medians = np.where(np.isnan(medians) | (medians <= 0), np.median(distances), medians)
    pooled = np.quantile(distances / np.maximum(medians[labels], 1e-9), _QUANTILE) * medians
    own = np.array([np.quantile(distances[labels == j], _QUANTILE) if (labels == j).any() else np.nan for j in range(k)])
    sizes = np.bincount(labels, minlength=k)
    share = sizes / (sizes + _PRIOR)
    return np.clip(np.where(sizes > 0, share * np.nan_to_num(own) + (1 - share) * pooled, pooled), 0, 2)


def best_kmeans(vectors: np.ndarray, most: int) -> np.ndarray:
    """Centroids of 1 to `most` clusters: the split with the highest silhouette, one cluster where no split is clear."""
    from sklearn.metrics import silhouette_score

    best, score = spherical_kmeans(vectors, 1), _MIN_SILHOUETTE
    for k in range(2, min(most, len(vectors) - 1) + 1):
        centroids = spherical_kmeans(vectors, k)
        labels, _ = nearest(vectors, centroids)
        if len(set(labels)) > 1 and (found := float(silhouette_score(vectors, labels, metric="cosine"))) > score:
            best, score = centroids, found
    return best


def _unit(matrix: np.ndarray) -> np.ndarray:
    return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
