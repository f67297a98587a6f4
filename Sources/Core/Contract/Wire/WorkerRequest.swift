// What the supervisor and the worker say to each other: one JSON object a line, requests on the worker's standard
// input, replies on its standard output. Paths lie in the state directory and name canonical copies only.

/// What the supervisor asks of the worker.
public enum WorkerRequest: Codable, Sendable {
  /// A draft mask of one scan by the model in `model`.
  case draft(DraftOrder)
  /// How near each of the pool is to the training set.
  case order(ProximityOrder)
  /// Run (or resume) the cycle whose order lies in this directory as `cycle.json`.
  case train(directory: String)
  /// Stop training at the next optimizer step, with a checkpoint.
  case pause
  /// Compute with so many threads; asked before anything else, and answered with `ready`.
  case useThreads(Int)
  /// Checkpoint and leave.
  case stop
}

/// One request with its number, which the reply repeats.
public struct WorkerEnvelope<Content: Codable & Sendable>: Codable, Sendable {
  /// The request's number.
  public var id: Int
  /// What is asked or answered.
  public var content: Content
  /// A numbered message.
  public init(id: Int, content: Content) {
    self.id = id
    self.content = content
  }
}

/// An order for a draft.
public struct DraftOrder: Codable, Sendable {
  /// The scan.
  public var scan: CaseReference
  /// The generation's weights, a safetensors file.
  public var model: String
  /// How the scan is prepared.
  public var preparation: PreparationSettings
  /// Edge of a patch in voxels of the reference grid.
  public var patchSize: Int
  /// Lesion probability from which a voxel is lesion, where the model's file does not say.
  public var threshold: Double
  /// Where to write the mask, on the scan's own grid (`.nii.gz`).
  public var maskPath: String
  /// Where to write the probability map, on the scan's own grid; nil for none.
  public var probabilityPath: String?
  /// How the probability map is stored.
  public var probability: ProbabilityKind
  /// Where to write the scan's latent vector (little-endian Float32).
  public var latentPath: String
  /// What the mask's `descrip` says: `popcornd gen-0007 CASE`.
  public var description: String

  /// An order for a draft.
  public init(
    scan: CaseReference, model: String, preparation: PreparationSettings, patchSize: Int, threshold: Double,
    maskPath: String, probabilityPath: String?, probability: ProbabilityKind, latentPath: String, description: String
  ) {
    self.scan = scan
    self.model = model
    self.preparation = preparation
    self.patchSize = patchSize
    self.threshold = threshold
    self.maskPath = maskPath
    self.probabilityPath = probabilityPath
    self.probability = probability
    self.latentPath = latentPath
    self.description = description
  }
}

/// How a probability map is stored.
public enum ProbabilityKind: String, Codable, Sendable, CaseIterable {
  /// Not at all.
  case none
  /// One byte a voxel, slope 1/255.
  case uint8
  /// Four bytes a voxel.
  case float32
}

/// An order for the proximities of a pool (eq. 6 and 7).
public struct ProximityOrder: Codable, Sendable {
  /// A case and the file of its latent vector.
  public struct Member: Codable, Sendable, Hashable {
    /// The case.
    public var id: String
    /// Its latent vector's file.
    public var latent: String
    /// A case and its latent vector's file.
    public init(id: String, latent: String) {
      self.id = id
      self.latent = latent
    }
  }
  /// The unlabelled i ∈ U.
  public var pool: [Member]
  /// The training set j ∈ T.
  public var trusted: [Member]
  /// The paper's p.
  public var neighbours: Int
  /// An order for the proximities of a pool.
  public init(pool: [Member], trusted: [Member], neighbours: Int) {
    self.pool = pool
    self.trusted = trusted
    self.neighbours = neighbours
  }
}
