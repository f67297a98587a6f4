import Contract

/// `study.json`: everything that a study measured, and what is needed to measure it again. Tables, figures and pages are
/// drawn from it alone.
public struct StudyRecord: Codable, Sendable, Equatable {
  /// What was learned from and judged on.
  public var cohort: StudyCohort
  /// How all runs were trained, beside strategy, recipe and seed.
  public var settings: TrainingSettings
  /// Name of the budget, `quick`, `default`, `paper` or the number itself, and its optimizer steps, the same for all runs.
  public var budget: Budget
  /// Version of popcorn.
  public var tool: String
  /// What recipes with a name of their own are made of: `improved` of `paper+compound+...`; nil in older records.
  public var recipes: [String: String]?
  /// The runs that are done, in the order of the study.
  public var runs: [StudyRun]
  /// How many runs the study has.
  public var plannedRuns: Int

  /// Optimizer steps of every run.
  public struct Budget: Codable, Sendable, Equatable {
    /// `quick`, `default`, `paper`, or the number itself.
    public var name: String
    /// Optimizer steps.
    public var optimizerSteps: Int

    /// Optimizer steps of every run.
    public init(name: String, optimizerSteps: Int) {
      self.name = name
      self.optimizerSteps = optimizerSteps
    }
  }

  /// What a study measured.
  public init(
    cohort: StudyCohort, settings: TrainingSettings, budget: Budget, tool: String, recipes: [String: String]? = nil,
    runs: [StudyRun], plannedRuns: Int
  ) {
    self.cohort = cohort
    self.settings = settings
    self.budget = budget
    self.tool = tool
    self.recipes = recipes
    self.runs = runs
    self.plannedRuns = plannedRuns
  }
}

/// The scans of a study by their part. No scan is in two parts; no person is both learned from and judged on.
public struct StudyCohort: Codable, Sendable, Equatable {
  /// One scan.
  public struct Scan: Codable, Sendable, Equatable {
    /// Its name in the data folder.
    public var name: String
    /// The person's, as names tell.
    public var subject: String
    /// The scanner or site, where `phantom.json` or `sites.tsv` of the data folder tells.
    public var site: String?

    /// One scan.
    public init(name: String, subject: String, site: String?) {
      self.name = name
      self.subject = subject
      self.site = site
    }
  }

  /// Name of the data folder, without its path.
  public var name: String
  /// SHA-256 over the names and bytes of its files.
  public var digest: String
  /// The same over the hidden truth of the pool; nil where there is none, and in older records.
  public var truthDigest: String?
  /// Learned from, with an expert's mask.
  public var labeled: [Scan]
  /// With an expert's mask, for validation alone.
  public var holdout: [Scan]
  /// The pool.
  public var unlabeled: [Scan]
  /// Judged on, with an expert's mask.
  public var test: [Scan]

  /// All of them.
  public var scans: [Scan] { labeled + holdout + unlabeled + test }

  /// The scans of a study.
  public init(
    name: String, digest: String, truthDigest: String? = nil, labeled: [Scan], holdout: [Scan], unlabeled: [Scan],
    test: [Scan]
  ) {
    self.name = name
    self.digest = digest
    self.truthDigest = truthDigest
    self.labeled = labeled
    self.holdout = holdout
    self.unlabeled = unlabeled
    self.test = test
  }
}
