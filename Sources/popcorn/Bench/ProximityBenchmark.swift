import Engine
import Popcorn

/// Equations (6) and (7) over made-up latents: of a pool, the 200 nearest to a training set by their five neighbours.
final class ProximityBenchmark: Benchmark {
  private let pool: [LatentCase]
  private let trusted: [LatentCase]
  private static let neighbours = 5
  private static let chosen = 200
  let work: Work

  /// Latents as the bottleneck's ReLU gives them, none negative, around a few centres as scanners make them.
  init(pool: Int, trusted: Int, length: Int) {
    var random = Random(seed: 1)
    let centres = (0..<8).map { _ in (0..<length).map { _ in abs(random.normal()) } }
    func cases(_ count: Int, _ prefix: String) -> [LatentCase] {
      (0..<count).map { number in
        let centre = centres[number % centres.count]
        return LatentCase(id: "\(prefix)\(number)", latent: centre.map { abs($0 + 0.3 * random.normal()) })
      }
    }
    self.pool = cases(pool, "u")
    self.trusted = cases(trusted, "t")
    work = Work(
      operations: 2 * Double(pool) * Double(trusted) * Double(length),
      bytes: 4 * Double(length) * (Double(pool) + Double(trusted)))
  }

  func run() throws {
    let figures = proximity(of: pool, to: trusted, neighbours: Self.neighbours)
    _ = nearest(figures, count: Self.chosen)
  }
}
