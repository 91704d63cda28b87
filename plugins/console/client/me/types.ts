/** What the routes answer, as far as a member's pages read it. */
export interface MuscleWork {
  muscleId: string;
  muscleName: string;
  muscleGroup: string;
  effectiveSets: number;
  optimalSets: number;
  balance: 'underworked' | 'balanced' | 'overworked';
  recoveredPercent: number;
  lastTrainedAt: string | null;
  colorTier: number;
}

export interface SetDetail {
  type?: 'normal' | 'warmup' | 'drop' | 'failure';
  reps?: number;
  weight?: number;
  duration?: number;
  distance?: number;
}

export interface Performed {
  exerciseId: string;
  sets: number;
  reps?: number | null;
  weight?: number | null;
  duration?: number | null;
  notes?: string | null;
  setDetails?: SetDetail[];
}

export interface Workout {
  id: string;
  date: string;
  totalTU: number;
  creditsUsed: number;
  notes: string | null;
  isPublic: boolean;
  exerciseData: Performed[];
  muscleActivations: Record<string, number>;
}

export interface Exercise {
  id: string;
  name: string;
  type: string;
  primaryMuscles: string[] | null;
  equipmentRequired: string[];
}

export interface Week {
  week: string;
  workouts: number;
  totalTU: number;
}

export interface Journey {
  archetype: { id: string; name: string } | null;
  level: number;
  levelName: string | null;
  totalTU: number;
  nextLevelName: string | null;
  tuToNextLevel: number | null;
  progressPercent: number | null;
  streak: { current: number; longest: number };
  weekly: Week[];
}

export interface Archetype {
  id: string;
  name: string;
  philosophy: string | null;
  focusAreas: string[];
}

export interface Balance {
  balance: number;
  lifetimeEarned: number;
  lifetimeSpent: number;
  unlimited: boolean;
  unlimitedReason: string | null;
}

export interface Person {
  id: string;
  username: string;
  displayName: string | null;
}

export interface Conversation {
  id: string;
  type: 'direct' | 'group';
  name: string | null;
  unread: number;
  lastMessageAt: string | null;
  participants: { userId: string; username: string; displayName: string | null }[];
  lastMessage: { content: string | null; senderId: string } | null;
}

export interface Message {
  id: string;
  senderId: string;
  content: string | null;
  deletedAt: string | null;
  editedAt: string | null;
  createdAt: string;
  attachments?: Attachment[];
}

export interface Attachment {
  id: string;
  fileName: string;
  status: 'pending' | 'approved' | 'rejected';
  hasThumbnail: boolean;
}

export interface PlannedExercise {
  exerciseId: string;
  name: string;
  sets: number;
  reps: number | null;
  holdSeconds: number | null;
  restSeconds: number;
}

export interface Prescription {
  id: string;
  exercises: PlannedExercise[];
  warmup: { exerciseId: string; name: string; seconds: number }[];
  cooldown: { exerciseId: string; name: string; seconds: number }[];
  actualDuration: number;
  totalTU: number;
  creditCost: number;
  createdAt: string;
}
