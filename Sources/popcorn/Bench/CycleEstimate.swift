import Contract
import Popcorn

/// How long cycles over pools of several sizes would take here, term by term: counts of `CycleCost` times what was measured.
struct CycleEstimate: Encodable {
  /// Hours of one cycle.
  struct Row: Encodable {
    var pool: Int
    var training: Double
    var latents: Double
    var labels: Double
    var distances: Double

    var hours: Double { training + latents + labels + distances }

    /// The term that takes most.
    var dominant: String {
      let terms = [
        ("training", training), ("latents", latents), ("pseudo-labels", labels), ("distances", distances),
      ]
      return terms.max { $0.1 < $1.1 }?.0 ?? ""
    }
  }

  static let pools = [100, 1000, 2901, 10_000, 100_000]

  /// Scans with an expert's mask, of one expert each.
  var labelled: Int
  /// Whether a cycle goes through one step or through the pool.
  var isOneStep: Bool
  var rows: [Row] = []

  /// - Parameters:
  ///   - step: seconds of an optimizer step.
  ///   - scan: of a whole scan.
  ///   - latent: of a scan's latent.
  ///   - distance: of one distance.
  init(step: Double, scan: Double, latent: Double, distance: Double, labelled: Int, isOneStep: Bool) throws {
    self.labelled = labelled
    self.isOneStep = isOneStep
    var settings = TrainingSettings()
    settings.maxStepsPerCycle = isOneStep ? 1 : 0
    let recipe = try Recipe(named: settings.recipe)
    rows = Self.pools.map { pool in
      let cost = CycleCost(
        pool: pool, labelled: labelled, settings: settings, recipe: recipe, knowsLatents: isOneStep)
      return Row(
        pool: pool, training: Double(cost.optimizerSteps) * step / 3600,
        latents: Double(cost.embeddings) * latent / 3600, labels: Double(cost.labels) * scan / 3600,
        distances: Double(cost.distances) * distance / 3600)
    }
  }

  /// A line a pool.
  var table: String {
    let heading = ["pool", "training", "latents", "pseudo-labels", "distances", "hours", "most goes into"]
    return columns(
      [heading]
        + rows.map { row in
          ["\(row.pool)"]
            + [row.training, row.latents, row.labels, row.distances, row.hours].map { $0.decimals($0 < 10 ? 2 : 0) }
            + [row.dominant]
        })
  }
}
