/** The public contract: all that a plugin may import. */
export { Type } from 'typebox';
export type { Static, TSchema } from 'typebox';
export type { PageQuery, Caller, Charge, RouteOptions, RouteRegistrar, RouteRequest, UnpreparedRequest } from './http/route.ts';
export { RawReply, Reply, created } from './http/route.ts';
export type { MultipartOptions, UploadedFile } from './http/multipart.ts';
export type { ServedFile } from './http/file-reply.ts';
export { fileReply } from './http/file-reply.ts';
export { cursorPosition, page } from './http/paging.ts';
export type { ErrorCode, Problem } from './http/errors.ts';
export { ApiError, invalid } from './http/errors.ts';
export type { Reader } from './database/readers.ts';
export type { Transaction } from './database/transaction.ts';
export type { Rows } from './database/connect.ts';
export { violatedConstraint } from './database/connect.ts';
export type { ChargeResult, CreditChange, CreditsService, GrantResult, Hold } from './credits/service.ts';
export type { DeliveredEvent, EventHandler, EventName, EventOptions, EventPayload, EventPayloads } from './events/events.ts';
export type { CronRun, JobHandler, JobOptions } from './events/jobs.ts';
export type { Permission, PermissionRegistrar } from './accounts/permissions.ts';
export type { ExporterRegistrar, PersonalData } from './accounts/personal-data.ts';
export type { Page, PageFile, PageRegistrar } from './pages/pages.ts';
export type { MailTemplate, MailValues } from './mail/template.ts';
export type { Visibility } from './accounts/visibility.ts';
export type {
  CommandArguments,
  CommandHandler,
  CommandInvocation,
  CommandOption,
  CommandOptions,
  CommandOptionValues,
  CommandRegistrar,
  Terminal,
} from './cli/plugin-command.ts';
export { CommandFailure } from './cli/plugin-command.ts';
export type { ChannelEvent, ChannelOptions, ChannelQuestion, ChannelRegistrar, SocketMessage } from './realtime/channels.ts';
export type {
  ActionPanel,
  ChartPanel,
  FigurePanel,
  FormPanel,
  Panel,
  PanelAction,
  PanelField,
  PanelFieldType,
  PanelChoices,
  PanelInput,
  PanelPage,
  PanelRegistrar,
  PanelRoute,
  PanelTone,
  TablePanel,
} from './panels/panel.ts';
export type { RealtimeService } from './realtime/service.ts';
export type { ByteRange, ByteSource } from './storage/object-store.ts';
export type { Assessment, ModeratedContent, ModerationService } from './moderation/moderation.ts';
export type { OpenFile, StorageService, StoredFile } from './storage/service.ts';
export type { Clock } from './telemetry/clock.ts';
export type { Logger } from './telemetry/logger.ts';
export type {
  DecisionHook,
  InstallHook,
  InstallMoment,
  LifecycleHook,
  StartHook,
  StartMoment,
  TransactionHook,
  WaterfallHook,
} from './plugins/hooks.ts';
export { definePlugin } from './plugins/contract.ts';
export type {
  Contact,
  CreditAction,
  KernelHooks,
  Neighbour,
  Plugin,
  PluginContracts,
  PluginDatabase,
  PluginKernel,
  Profile,
} from './plugins/contract.ts';
