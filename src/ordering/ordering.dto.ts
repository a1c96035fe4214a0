import { IsIn } from 'class-validator';

const REASONS = ['changed-mind', 'ordered-by-mistake', 'too-slow', 'found-cheaper', 'other'] as const;

export class CancelOrderDto {
  @IsIn(REASONS)
  reason!: (typeof REASONS)[number];
}
