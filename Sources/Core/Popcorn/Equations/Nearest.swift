import Contract

/// Equation (7): the `count` cases whose sums of distances to their p nearest are smallest, nearest first.
/// Equal sums are ordered by case, so that the choice does not depend on the order of the pool.
public func nearest(_ figures: [ProximityFigures], count: Int) -> [ProximityFigures] {
  Array(figures.sorted { ($0.sum, $0.id) < ($1.sum, $1.id) }.prefix(max(0, count)))
}
