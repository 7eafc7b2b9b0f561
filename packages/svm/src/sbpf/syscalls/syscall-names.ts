import { murmur3 } from '../murmur3.js';

/**
 * System calls that Agave registers with mainnet's features (`create_program_runtime_environment`), whether they are
 * executed here or not.
 */
export const SYSCALL_NAMES = [
  'abort',
  'sol_panic_',
  'sol_log_',
  'sol_log_64_',
  'sol_log_pubkey',
  'sol_log_compute_units_',
  'sol_log_data',
  'sol_create_program_address',
  'sol_try_find_program_address',
  'sol_sha256',
  'sol_keccak256',
  'sol_poseidon',
  'sol_secp256k1_recover',
  'sol_curve_validate_point',
  'sol_curve_group_op',
  'sol_curve_multiscalar_mul',
  'sol_curve_decompress',
  'sol_curve_pairing_map',
  'sol_alt_bn128_group_op',
  'sol_alt_bn128_compression',
  'sol_get_clock_sysvar',
  'sol_get_epoch_schedule_sysvar',
  'sol_get_rent_sysvar',
  'sol_get_last_restart_slot',
  'sol_get_epoch_rewards_sysvar',
  'sol_get_sysvar',
  'sol_get_epoch_stake',
  'sol_memcpy_',
  'sol_memmove_',
  'sol_memset_',
  'sol_memcmp_',
  'sol_alloc_free_',
  'sol_set_return_data',
  'sol_get_return_data',
  'sol_get_processed_sibling_instruction',
  'sol_get_stack_height',
  'sol_invoke_signed_c',
  'sol_invoke_signed_rust',
] as const;

export type SyscallName = (typeof SYSCALL_NAMES)[number];

/** What a `call` carries for a system call of this name. */
export function syscallHash(name: string): number {
  return murmur3(new TextEncoder().encode(name));
}

/** Index in {@link SYSCALL_NAMES} by hash. */
export const SYSCALL_NUMBERS: ReadonlyMap<number, number> = new Map(
  SYSCALL_NAMES.map((name, index) => [syscallHash(name), index]),
);
