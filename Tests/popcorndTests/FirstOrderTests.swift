import FoundationEssentials
import Testing

extension ServiceTests {
  /// What the first training of a study is given.
  @Suite(.serialized) struct FirstOrderTests {
    private struct Order: Decodable {
      struct Scan: Decodable { let id: String }
      let model: String?
      let trainingSet: [Scan]
      let pool: [Scan]
    }

    /// Who labels the pool needs a model to order it by; who shows it unlabelled is given it at once, as in a study.
    @Test(arguments: [("popcorn", 0), ("attention", 6)]) func thePoolIsThereForWhoShowsIt(strategy: String, scans: Int)
      async throws
    {
      let scene = try Scene()
      let configuration = try #require(scene.read("popcornd.toml"))
      let more = configuration.replacing("select_per_step = 3", with: "select_per_step = 3\nstrategy = \"\(strategy)\"")
      try scene.write(Array(more.utf8), at: "popcornd.toml")
      try scene.dropCohort()
      #expect(try await scene.start(once: true).end() == 0)
      let text = try #require(scene.read("state/train/cycle-0001/cycle.json"))
      let order = try JSONDecoder().decode(Order.self, from: Data(text.utf8))
      #expect(order.model == nil && !order.trainingSet.isEmpty && order.pool.count == scans)
    }
  }
}
