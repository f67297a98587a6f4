import Contract
import Engine
import Popcorn
import Testing

@Suite struct ProximityTests {
  /// Clusters far from the origin and narrow, where a product in single precision has no digits left to tell them apart.
  private func clustered(_ count: Int, prefix: String, length: Int, spread: Float, random: inout Random) -> [LatentCase]
  {
    let centres = (0..<4).map { _ in (0..<length).map { _ in 10 * random.uniform() } }
    return (0..<count).map { number in
      let centre = centres[random.int(below: centres.count)]
      return LatentCase(
        id: "\(prefix)\(number)", latent: centre.map { max(0, $0 + spread * random.normal()) })
    }
  }

  /// Equations (6) and (7) as they are written, all in Double.
  private func twin(_ pool: [LatentCase], _ trusted: [LatentCase], _ neighbours: Int) -> [ProximityFigures] {
    pool.map { member in
      let all = trusted.map { other -> ProximityFigures.Neighbour in
        let squared = zip(member.latent, other.latent).reduce(0.0) { sum, pair in
          let difference = Double(pair.0) - Double(pair.1)
          return sum + difference * difference
        }
        return ProximityFigures.Neighbour(id: other.id, distance: squared.squareRoot())
      }
      let nearest = all.sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }.prefix(neighbours)
      return ProximityFigures(id: member.id, sum: nearest.reduce(0) { $0 + $1.distance }, nearest: Array(nearest))
    }
  }

  @Test(arguments: [Float(1), 1e-2, 1e-4, 1e-6, 0])
  func distancesOrderAndChoiceAreThoseOfDoublePrecision(spread: Float) {
    var random = Random(seed: 11)
    var trusted = clustered(200, prefix: "t", length: 48, spread: spread, random: &random)
    let pool = clustered(60, prefix: "u", length: 48, spread: spread, random: &random) + trusted.prefix(3)
    trusted += [LatentCase(id: "twin", latent: trusted[0].latent)]
    let ours = proximity(of: pool, to: trusted, neighbours: 5)
    let theirs = twin(pool, trusted, 5)
    #expect(ours == theirs)
    let order = theirs.sorted { ($0.sum, $0.id) < ($1.sum, $1.id) }.map(\.id)
    #expect(nearest(ours, count: 20).map(\.id) == Array(order.prefix(20)))
    #expect(nearest(ours, count: 1000).map(\.id) == order)
  }

  @Test func blocksDoNotShow() {
    var random = Random(seed: 12)
    let trusted = clustered(2100, prefix: "t", length: 4, spread: 0.5, random: &random)
    let pool = clustered(520, prefix: "u", length: 4, spread: 0.5, random: &random)
    let figures = proximity(of: pool, to: trusted, neighbours: 5)
    let sampled = [0, 1, 511, 512, 519]
    #expect(sampled.map { figures[$0] } == twin(sampled.map { pool[$0] }, trusted, 5))
  }

  @Test func fewerThanPGiveAllThereAre() {
    let trusted = [LatentCase(id: "a", latent: [0, 0]), LatentCase(id: "b", latent: [3, 4])]
    let figures = proximity(of: [LatentCase(id: "u", latent: [0, 0])], to: trusted, neighbours: 5)
    #expect(
      figures == [
        ProximityFigures(id: "u", sum: 5, nearest: [.init(id: "a", distance: 0), .init(id: "b", distance: 5)])
      ])
  }

  @Test func theChoiceDoesNotDependOnTheOrderOfThePool() {
    let figures = ["c", "a", "b"].map { ProximityFigures(id: $0, sum: 1, nearest: []) }
    #expect(nearest(figures, count: 2).map(\.id) == ["a", "b"])
    #expect(nearest(figures.reversed(), count: 2).map(\.id) == ["a", "b"])
    #expect(nearest(figures, count: 0).isEmpty)
  }
}
