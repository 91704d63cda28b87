import type { JSX } from 'preact';

export type TextType = 'text' | 'email' | 'password' | 'search' | 'number' | 'date' | 'url';

export interface TextControlProps {
  id: string;
  value: string | number;
  required?: boolean | undefined;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: boolean;
  autocomplete?: string;
  inputMode?: 'numeric' | 'text';
  placeholder?: string;
  /** The id of what is offered while somebody types. */
  list?: string;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  onInput: (event: { currentTarget: HTMLInputElement }) => void;
}

/** One line to type in, of a kind that is known only when it is shown. */
export function TextControl({ type, ...props }: TextControlProps & { type: TextType }): JSX.Element {
  switch (type) {
    case 'email':
      return <input type="email" {...props} />;
    case 'password':
      return <input type="password" {...props} />;
    case 'search':
      return <input type="search" {...props} />;
    case 'number':
      return <input type="number" {...props} />;
    case 'date':
      return <input type="date" {...props} />;
    case 'url':
      return <input type="url" {...props} />;
    case 'text':
      return <input type="text" {...props} />;
  }
}
