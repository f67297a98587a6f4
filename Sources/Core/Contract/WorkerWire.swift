// What the supervisor and the worker say to each other: one JSON object a line, requests on the worker's standard
// input, replies on its standard output. Paths lie in the state directory and name canonical copies only.

/// A case as the worker sees it: files, and the pseudonyms it may print.
public struct CaseReference: Codable, Sendable, Hashable {
  /// The case's label, such as `PSN7Q2M4K5TBA`.
  public var id: String
  /// The subject's keyed hash: time points of one person share it.
  public var subject: String
  /// The canonical copy of the scan (`.nii.gz`, Float32).
  public var scan: String
  /// The canonical brain mask that came beside the scan.
  public var brain: String?
  /// Its masks in the training set: one for each expert, or the pseudo-label. Empty in the pool.
  public var masks: [MaskReference]

  /// Whether a person wants it taken in spite of a doubt; nil as false.
  public var isReleased: Bool?

  /// A case and its files.
  public init(
    id: String, subject: String, scan: String, brain: String? = nil, masks: [MaskReference] = [],
    isReleased: Bool? = nil
  ) {
    self.id = id
    self.subject = subject
    self.scan = scan
    self.brain = brain
    self.masks = masks
    self.isReleased = isReleased
  }
}

/// A mask in the training set.
public struct MaskReference: Codable, Sendable, Hashable {
  /// Who drew it.
  public enum Kind: String, Codable, Sendable { case expert, pseudo }
  /// Who drew it.
  public var kind: Kind
  /// The file: a canonical mask (`.nii.gz`, uint8).
  public var path: String
  /// The grid of the file: that of the scan (`false`) or already the reference grid (`true`, pseudo-labels).
  public var onReferenceGrid: Bool
  /// Which expert, where several drew.
  public var rater: String?

  /// A mask in a file.
  public init(kind: Kind, path: String, onReferenceGrid: Bool = false, rater: String? = nil) {
    self.kind = kind
    self.path = path
    self.onReferenceGrid = onReferenceGrid
    self.rater = rater
  }
}

/// How a scan becomes a volume on the reference grid.
public struct PreparationSettings: Codable, Sendable, Hashable {
  /// Where the brain mask comes from.
  public enum Brain: String, Codable, Sendable, CaseIterable {
    /// A `_brainmask` beside the scan; without one the non-zero voxels.
    case provided
    /// The scan is skull-stripped: its non-zero voxels.
    case nonzero
  }
  /// Voxel edge of the reference grid, mm.
  public var spacing: Double
  /// Voxels of the reference grid along x, y, z.
  public var size: [Int]
  /// Where the brain mask comes from.
  public var brain: Brain
  /// Volume of a voxel of the reference grid, mm³.
  public var voxelVolume: Double { spacing * spacing * spacing }

  /// Settings of the reference grid.
  public init(spacing: Double = 1, size: [Int] = [181, 217, 181], brain: Brain = .provided) {
    self.spacing = spacing
    self.size = size
    self.brain = brain
  }
}

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

/// What a mask measures.
public struct MaskFigures: Codable, Sendable, Equatable {
  /// SHA-256 of the mask's file.
  public var maskDigest: String
  /// SHA-256 of the mask's voxels as `Verdict.voxelDigest` has it: a mask that comes back is known by it. nil in
  /// records that are older than the figure.
  public var voxelDigest: String?
  /// SHA-256 of the probability map's file.
  public var probabilityDigest: String?
  /// Lesions: components of the mask connected by faces, edges or corners.
  public var lesionCount: Int
  /// Voxels of the mask.
  public var voxelCount: Int
  /// Volume of the mask.
  public var volumeMl: Double
  /// Volume of the largest lesion.
  public var largestMl: Double
  /// Mean probability inside the mask; 0 where it is empty.
  public var meanProbability: Double
  /// The steps of the preparation with their figures, for the sidecar.
  public var preparation: [PreparationStep]
  /// What is unusual: `EMPTY_MASK`, for instance.
  public var warnings: [String]
  /// Probability from which a voxel is lesion; nil in records that are older than the figure.
  public var threshold: Double?
  /// Volume of the smallest lesion, mm³; nil where all are kept.
  public var smallestLesion: Double?

  /// What a mask measures.
  public init(
    maskDigest: String, probabilityDigest: String?, lesionCount: Int, voxelCount: Int, volumeMl: Double,
    largestMl: Double, meanProbability: Double, preparation: [PreparationStep], warnings: [String],
    voxelDigest: String? = nil, threshold: Double? = nil, smallestLesion: Double? = nil
  ) {
    self.threshold = threshold
    self.smallestLesion = smallestLesion
    self.maskDigest = maskDigest
    self.voxelDigest = voxelDigest
    self.probabilityDigest = probabilityDigest
    self.lesionCount = lesionCount
    self.voxelCount = voxelCount
    self.volumeMl = volumeMl
    self.largestMl = largestMl
    self.meanProbability = meanProbability
    self.preparation = preparation
    self.warnings = warnings
  }
}

/// A step of the preparation, with what it measured.
public struct PreparationStep: Codable, Sendable, Equatable {
  /// Its name: `axes`, `brain`, `placement`, `resample`, `intensity`.
  public var name: String
  /// What it measured, by name.
  public var figures: [String: Double]
  /// A step with its figures.
  public init(name: String, figures: [String: Double]) {
    self.name = name
    self.figures = figures
  }
}

/// What the worker answers.
public enum WorkerReply: Codable, Sendable {
  /// At its start, and when it was told how many threads to use: who it is.
  case ready(WorkerIdentity)
  /// A draft is written.
  case drafted(MaskFigures)
  /// The pool, nearest first.
  case ordered([ProximityFigures])
  /// Training goes on.
  case progress(TrainingProgress)
  /// The cycle is done; its result also lies in the cycle's directory as `result.json`.
  case trained(CycleResult)
  /// Training stopped at a checkpoint.
  case paused
  /// The request could not be met. `reason` is held against the case only where it names one.
  case failed(reason: ReasonCode?, text: String)
}

/// Who the worker is: recorded with every generation, because "byte for byte" holds for the same.
public struct WorkerIdentity: Codable, Sendable, Equatable {
  /// Version of popcorn.
  public var version: String
  /// The processor's instruction set in use: `avx512`, `avx2`, `generic`.
  public var isa: String
  /// Threads of the engine.
  public var threads: Int
  /// Version of oneDNN.
  public var oneDNN: String
  /// Who the worker is.
  public init(version: String, isa: String, threads: Int, oneDNN: String) {
    self.version = version
    self.isa = isa
    self.threads = threads
    self.oneDNN = oneDNN
  }
}
