/** Our mark and the icon of *Request release*, in the colours of the theme. */
import { LabIcon } from '@jupyterlab/ui-components';
import markSvg from '../style/icons/mark.svg';
import requestSvg from '../style/icons/request.svg';

export const markIcon = new LabIcon({ name: 'halftide-lab:mark', svgstr: markSvg });
export const requestIcon = new LabIcon({ name: 'halftide-lab:request', svgstr: requestSvg });
