import { VmFault } from './vm-fault.js';

/** Compute units that a transaction has left. */
export class ComputeMeter {
  remaining: number;

  constructor(limit: number) {
    this.remaining = limit;
  }

  /**
   * Takes the cost of a system call or a native program.
   * @throws {VmFault} when that is more than what is left: then nothing is left
   */
  consume(units: number): void {
    const exceeded = this.remaining < units;
    this.remaining = exceeded ? 0 : this.remaining - units;
    if (exceeded)
      throw new VmFault('SYSCALL', 'Computational budget exceeded', 'ComputationalBudgetExceeded');
  }
}
