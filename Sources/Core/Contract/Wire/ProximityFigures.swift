/// How near one case is to the training set.
public struct ProximityFigures: Codable, Sendable, Equatable {
  /// One of the p nearest.
  public struct Neighbour: Codable, Sendable, Equatable {
    /// The case in the training set.
    public var id: String
    /// Euclidean distance of the latents (eq. 6).
    public var distance: Double
    /// A neighbour at a distance.
    public init(id: String, distance: Double) {
      self.id = id
      self.distance = distance
    }
  }
  /// The case.
  public var id: String
  /// The sum of the distances to the p nearest (eq. 7).
  public var sum: Double
  /// Those p, nearest first.
  public var nearest: [Neighbour]
  /// How near one case is.
  public init(id: String, sum: Double, nearest: [Neighbour]) {
    self.id = id
    self.sum = sum
    self.nearest = nearest
  }
}
